/* words: what was lost, for people: "3 missing in sequence, 2 malformed". */
#ifndef LEDGER_WORDS_H
#define LEDGER_WORDS_H

#include "base/buf.h"
#include "ledger/ledger.h"

/* Behind what out has; nothing when nothing was lost. */
void ledger_words(const struct ledger_line *l, struct buf *out);

#endif
