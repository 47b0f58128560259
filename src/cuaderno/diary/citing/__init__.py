"""What the diary has read: BibTeX, the reading list, citations; none of it needs the network."""
