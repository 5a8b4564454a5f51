/*
 * stream_table: the connections of collector/stream.h, oldest first, and the
 * numbers of their sessions.
 */
#ifndef COLLECTOR_STREAM_TABLE_H
#define COLLECTOR_STREAM_TABLE_H

#include "collector/stream_conn.h"

struct stream_table {
	struct stream_conn *conn[SESSION_SLOTS];
	size_t n;
	uint32_t uses[SESSION_SLOTS]; /* of each slot of sessions */
	uint16_t free[SESSION_SLOTS];
	size_t n_free;
};

void stream_table_init(struct stream_table *t);

/* A number for one more; there are less than SESSION_SLOTS. */
uint32_t stream_table_session(struct stream_table *t);

/* One that has its number already; false: another one has it. */
bool stream_table_add(struct stream_table *t, struct stream_conn *c);

/* End the i-th: NULL is in its place until stream_table_compact. */
void stream_table_end(struct stream_table *t, struct stream_io *io, size_t i,
    enum stream_end end);
void stream_table_compact(struct stream_table *t);

/*
 * Room for one more from that address where max are allowed: at the cost of
 * one that has not yet sent a message, if need be.
 */
bool stream_table_make_place(struct stream_table *t, struct stream_io *io,
    size_t max, const struct addr *from);

#endif
