"""Native programs to running code: load, bind memory, run on all cores."""
