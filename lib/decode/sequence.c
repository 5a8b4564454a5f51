/*
 * sequence: how much was lost on the way, by the exporter's own numbers.
 *
 * A number says how many units (flows, data records, datagrams) were sent
 * before its datagram.  Not all exporters keep to that: some (softflowd's
 * IPFIX) count the datagram's own units as well, some leave out the records
 * of options.  Which habit an exporter has shows in its numbers: when they
 * contradict the habit we assume, and another one explains them three times
 * in a row, that one is assumed from then on, and what was taken for lost
 * in between is taken back.
 */
#include "decode/engine.h"

#define OWN_COUNTED    1 /* the number includes the datagram's own units */
#define OPTIONS_LEFT   2 /* records of options are not counted */
#define HABITS         4
#define WINS_NEEDED    3
#define LATE_MAX       8
#define LATE_DATAGRAMS 64 /* UDP reorders neighbours, not minutes */

static uint32_t
counted(unsigned habit, uint32_t units, uint32_t options)
{
	return (habit & OPTIONS_LEFT) != 0 ? units - options : units;
}

/* The number this datagram has when nothing is missing before it. */
static uint32_t
expected(const struct sequence *s, unsigned habit, uint32_t units,
    uint32_t options)
{
	if ((habit & OWN_COUNTED) != 0)
		return s->last + counted(habit, units, options);
	return s->last + counted(habit, s->units, s->options);
}

/* From before what was expected: late, or the exporter started again. */
static bool
is_late(struct exporter *e, uint32_t behind, uint32_t units)
{
	struct sequence *s = &e->sequence;
	if (behind > LATE_DATAGRAMS * (units + 1) || s->late == LATE_MAX)
		return false;
	s->late++;
	uint32_t back = units < s->missing ? units : s->missing;
	s->missing -= back;
	e->stats.sequence_lost -= back;
	return true;
}

/* Another habit that explains the number, or HABITS. */
static unsigned
find_rival(const struct sequence *s, uint32_t number, uint32_t units,
    uint32_t options)
{
	for (unsigned h = 0; h < HABITS; h++)
		if (h != s->habit && expected(s, h, units, options) == number)
			return h;
	return HABITS;
}

/* The number was explained by a rival alone, having cost `lost` units. */
static void
rival_wins(struct exporter *e, unsigned rival, uint32_t lost)
{
	struct sequence *s = &e->sequence;
	if (s->rival != rival || s->wins == 0) {
		s->rival = (uint8_t)rival;
		s->wins = 0;
		s->doubt = 0;
	}
	s->doubt += lost;
	if (++s->wins < WINS_NEEDED)
		return;
	s->habit = s->rival;
	s->wins = 0;
	s->missing = 0;
	e->stats.sequence_lost -= s->doubt;
	e->stats.sequence_gaps -= WINS_NEEDED;
}

/* False: late, what is expected next stays as it is. */
static bool
account(struct exporter *e, uint32_t number, uint32_t units, uint32_t options)
{
	struct sequence *s = &e->sequence;
	uint32_t want = expected(s, s->habit, units, options);
	uint32_t ahead = number - want;
	if (ahead == 0) {
		if (expected(s, s->rival, units, options) != number)
			s->wins = 0;
		return true;
	}
	unsigned rival = find_rival(s, number, units, options);
	bool before = ahead > INT32_MAX;
	if (before && rival == HABITS && is_late(e, -ahead, units)) {
		s->wins = 0; /* what was taken back is no doubt any more */
		return false;
	}
	s->missing = before ? 0 : ahead;
	e->stats.sequence_gaps++;
	e->stats.sequence_lost += s->missing;
	if (rival != HABITS)
		rival_wins(e, rival, s->missing);
	else
		s->wins = 0;
	return true;
}

void
sequence_check(struct exporter *e, uint32_t number, uint32_t units,
    uint32_t options)
{
	struct sequence *s = &e->sequence;
	if (s->known && !account(e, number, units, options))
		return;
	s->known = true;
	s->late = 0;
	s->last = number;
	s->units = units;
	s->options = options;
}
