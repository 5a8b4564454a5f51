/* decoder_private: what the decode thread's two files share. */
#ifndef COLLECTOR_DECODER_PRIVATE_H
#define COLLECTOR_DECODER_PRIVATE_H

#include <time.h>

#include "collector/decoder.h"

int64_t decoder_clock_ms(clockid_t id);

/* The file of the current slot; recover: see writer_open. */
void decoder_open_file(struct decoder *d, struct source *s, bool recover);

/* Finish it, when there is one. */
void decoder_close_file(struct decoder *d, struct source *s);

/* How new sources come about (decoder_apply.c). */
void decoder_prepare(struct decoder *d);

#endif
