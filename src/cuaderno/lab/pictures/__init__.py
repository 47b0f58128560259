"""Pictures of any kind from wherever they lie: read safely, found by layout, split without leaks."""
