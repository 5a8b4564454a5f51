#include "collector/stream_table.h"

#define USES_MASK (UINT32_MAX >> SESSION_BITS)

void
stream_table_init(struct stream_table *t)
{
	t->n = t->n_free = 0;
	for (uint32_t i = SESSION_SLOTS; i > 0; i--)
		t->free[t->n_free++] = (uint16_t)(i - 1);
}

uint32_t
stream_table_session(struct stream_table *t)
{
	uint32_t slot = t->free[--t->n_free];
	t->uses[slot] = (t->uses[slot] + 1) & USES_MASK;
	if (t->uses[slot] == 0)
		t->uses[slot] = 1;
	return t->uses[slot] << SESSION_BITS | slot;
}

bool
stream_table_add(struct stream_table *t, struct stream_conn *c)
{
	uint32_t slot = session_slot(c->session);
	for (size_t i = 0; i < t->n_free; i++) {
		if (t->free[i] != slot)
			continue;
		t->free[i] = t->free[--t->n_free];
		t->uses[slot] = c->session >> SESSION_BITS;
		t->conn[t->n++] = c;
		return true;
	}
	return false;
}

void
stream_table_end(struct stream_table *t, struct stream_io *io, size_t i,
    enum stream_end end)
{
	struct stream_conn *c = t->conn[i];
	t->free[t->n_free++] = (uint16_t)session_slot(c->session);
	conn_close(c, io, end);
	t->conn[i] = NULL;
}

void
stream_table_compact(struct stream_table *t)
{
	size_t n = 0;
	for (size_t i = 0; i < t->n; i++)
		if (t->conn[i] != NULL)
			t->conn[n++] = t->conn[i];
	t->n = n;
}

bool
stream_table_make_place(struct stream_table *t, struct stream_io *io,
    size_t max, const struct addr *from)
{
	size_t same = 0, victim = SIZE_MAX, near = SIZE_MAX;
	for (size_t i = 0; i < t->n; i++) {
		bool is_same = addr_eq(&t->conn[i]->from, from);
		same += is_same;
		if (t->conn[i]->heard)
			continue;
		/* The longest connected is met first. */
		if (victim == SIZE_MAX)
			victim = i;
		if (is_same && near == SIZE_MAX)
			near = i;
	}
	bool crowd = same >= (max + 1) / 2;
	if (!crowd && t->n < max)
		return true;
	if (crowd)
		victim = near;
	if (victim == SIZE_MAX)
		return false;
	stream_table_end(t, io, victim, STREAM_CROWDED);
	stream_table_compact(t);
	return true;
}
