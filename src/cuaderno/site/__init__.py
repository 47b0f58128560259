"""The printing side: a diary becomes a bilingual static site whose numbers and live models come from kept runs."""
