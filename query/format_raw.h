/*
 * format_raw: lines "  name = value" of raw, for its two files.
 */
#ifndef QUERY_FORMAT_RAW_H
#define QUERY_FORMAT_RAW_H

#include "query/fmt.h"

void raw_number(struct buf *b, const char *name, uint64_t n);
void raw_narrow(struct buf *b, const char *name, uint32_t n);
void raw_place(const struct row *r, const char *name, const struct flow_ip6 *ip,
    bool v6);
void raw_at_time(struct buf *b, const char *name, uint64_t ms);
void raw_borrowed(struct buf *b, const struct flow_bytes *bytes, int width);

/* Elements of events, translations, texts and packet filters. */
void raw_rest(const struct row *r);

#endif
