"""Work folder: painted frames, journals, checkpoints and the ledger of outputs."""
