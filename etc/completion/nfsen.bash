# Completion of nfsen for bash: the program knows its own words.
eval "$(nfsen completion 2>/dev/null)"
