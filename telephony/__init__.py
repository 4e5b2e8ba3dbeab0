"""Pure facts about phones: the GSM-7 alphabet, Kenyan numbers, references that can be read aloud."""
