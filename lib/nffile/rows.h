/*
 * rows: packing the records of a block as LZ4, by their rows.
 *
 * liblz4 does not know what it packs and looks everywhere for a match.  Flow
 * records of one template have their fields at the same places, so what a
 * record repeats stands in an earlier one of the same length: the one just
 * before, or the last one with the same addresses, interfaces, counters.
 * Comparing with four of these, 64 bytes at a time, is half the work for
 * about as few bytes (make bench).
 *
 * What comes out is an ordinary LZ4 block that every LZ4 library unpacks.
 * Bytes that are no records are packed as well, badly.
 */
#ifndef NFFILE_ROWS_H
#define NFFILE_ROWS_H

#include <stddef.h>
#include <stdint.h>

/* Room for n bytes packed, with what is written ahead. */
size_t rows_bound(size_t n);

/*
 * Packed size; never 0.  n: at most 2^31.  out has rows_bound(n) bytes.
 */
size_t rows_pack(const uint8_t *in, size_t n, uint8_t *out);

/*
 * The n-th way this processor knows, best first; NULL past the end.  All
 * pack to the same bytes.
 */
typedef size_t rows_way(const uint8_t *in, size_t n, uint8_t *out);
rows_way *rows_way_nth(size_t n);

#endif
