"""Readers' comments: Isso beside the site, what stands before it, what the author does with them, giscus instead."""
