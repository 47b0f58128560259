"""Instruments that every study borrows: run, records, data, device, parallel, metrics, export. It knows no study."""
