"""The translation desk: a post paragraph by paragraph, and what comes back for another look."""
