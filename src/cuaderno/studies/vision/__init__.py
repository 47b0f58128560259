"""Cat against dog, from scratch, and what the network sees."""
