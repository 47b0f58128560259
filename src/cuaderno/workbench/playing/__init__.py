"""Ask a study's model: what it takes is in its play.toml, and a new study is there by itself."""
