"""Posts that were written elsewhere: Astro, Hugo, Jekyll, notebooks. What comes from where is read, never changed."""
