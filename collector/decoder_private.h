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

/*
 * What goes on elsewhere (decoder_carry.c): sessions over TCP and sets that
 * wait, put there and taken from there.
 */
void decoder_carry(struct decoder *d, struct buf *out);
void decoder_go_on(struct decoder *d, const struct buf *carry);

/* How new sources come about (decoder_apply.c). */
void decoder_prepare(struct decoder *d);

#endif
