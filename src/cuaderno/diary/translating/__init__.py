"""Translation by hand: what each paragraph was made from, what is stale, and the desk where one writes."""
