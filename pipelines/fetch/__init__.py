"""The fetch stage: sessions that lease hosts, pace each politely and hand groups of pages on."""
