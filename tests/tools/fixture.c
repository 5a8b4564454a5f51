/*
 * fixture: a tree of profiles with RRDs that look like a real day, the same
 * for the same arguments.
 *
 *   fixture CONFIG NOW DAYS
 *
 * The data end with the last whole slot before NOW (epoch seconds).  There
 * is a flood 4 h before it, and 70 minutes without data 9 h before it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/slot.h"
#include "conf/conf.h"
#include "profile/profile.h"
#include "store/rrd.h"

static const struct spec {
	const char *group, *profile, *channel, *color;
	char sign;
	int order;
	int type;
	double flows; /* per second at noon */
	double tcp, udp, icmp;
} specs[] = {
	{ ".", "live", "upstream1", "#4477aa", '+', 1, PROFILE_LIVE, 20, .78,
	    .19, .02 },
	{ ".", "live", "peer1", "#228833", '+', 2, PROFILE_LIVE, 9, .66, .3,
	    .03 },
	{ ".", "live", "peer2", "#ee7733", '+', 3, PROFILE_LIVE, 4, .6, .33,
	    .05 },
	{ ".", "web", "https", "#4477aa", '+', 1, PROFILE_CONTINUOUS, 11, 1, 0,
	    0 },
	{ ".", "web", "http", "#ee7733", '+', 2, PROFILE_CONTINUOUS, 3, 1, 0,
	    0 },
	{ ".", "web", "quic", "#aa3377", '-', 1, PROFILE_CONTINUOUS, 5, 0, 1,
	    0 },
	{ "services", "dns", "query", "#009988", '+', 1,
	    PROFILE_CONTINUOUS | PROFILE_SHADOW, 6, .04, .96, 0 },
	{ "services", "dns", "answer", "", '-', 1,
	    PROFILE_CONTINUOUS | PROFILE_SHADOW, 5, .04, .96, 0 },
};
#define SPECS (sizeof(specs) / sizeof(*specs))

static struct err err;

static void
check(int r)
{
	if (r == 0)
		return;
	(void)fprintf(stderr, "fixture: %s\n", err.msg);
	exit(1);
}

static uint64_t state;

/* 0 .. 1, the same sequence on every machine. */
static double
noise(void)
{
	state = state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (double)(state >> 11) / 9007199254740992.0;
}

/*
 * Flows per second: a day's hump, some days quieter than others, noise.
 * Arithmetic alone, so that every libm gives the same numbers.
 */
static double
rate_at(const struct spec *s, int64_t t)
{
	double x = (double)((t - 3 * 3600) % 86400) / 86400;
	double hump = 4 * x * (1 - x);
	double day = 0.25 + 0.75 * hump * hump * (3 - 2 * hump);
	double week = 0.8 + 0.04 * (double)(t / 86400 % 6);
	return s->flows * day * week * (0.9 + 0.2 * noise());
}

static void
split(const struct spec *s, double n, uint64_t *row)
{
	row[CLASS_TCP] = (uint64_t)(n * s->tcp);
	row[CLASS_UDP] = (uint64_t)(n * s->udp);
	row[CLASS_ICMP] = (uint64_t)(n * s->icmp);
	row[CLASS_OTHER] = (uint64_t)(n * (1 - s->tcp - s->udp - s->icmp));
	row[CLASS_ALL] = row[CLASS_TCP] + row[CLASS_UDP] + row[CLASS_ICMP] +
			 row[CLASS_OTHER];
}

static struct counters
slot_counters(const struct spec *s, int64_t t, int64_t end, int64_t step)
{
	struct counters c = { 0 };
	bool flood = s == &specs[0] && t >= end - 4 * 3600 &&
		     t < end - 4 * 3600 + 3 * step;
	double flows = rate_at(s, t) * (double)step;
	double packets = flows * (5.5 + 4 * noise());
	split(s, flows, c.flows);
	split(s, packets, c.packets);
	split(s, packets * (500 + 350 * noise()), c.bytes);
	if (flood) {
		uint64_t n = (uint64_t)(70 * step);
		c.flows[CLASS_UDP] += n;
		c.flows[CLASS_ALL] += n;
		c.packets[CLASS_UDP] += 4 * n;
		c.packets[CLASS_ALL] += 4 * n;
		c.bytes[CLASS_UDP] += 4 * 1400 * n;
		c.bytes[CLASS_ALL] += 4 * 1400 * n;
	}
	return c;
}

static void
fill(const struct conf *c, const struct profile *p, const struct spec *s,
    int64_t start, int64_t end)
{
	char path[FILE_PATH_MAX];
	int64_t step = c->cycletime;
	if (!profile_rrd_path(c, p, s->channel, path))
		exit(1);
	check(rrd_channel_create(path, start, step, &err));
	for (int64_t t = start; t < end; t += step) {
		struct counters n = slot_counters(s, t, end, step);
		if (t < end - 9 * 3600 || t >= end - 9 * 3600 + 4200)
			check(rrd_channel_update(path, t, &n, &err));
	}
}

static struct profile *
blank(const struct conf *c, const struct spec *s, int64_t start, int64_t end)
{
	char path[FILE_PATH_MAX];
	struct profile *p = profile_new(s->group, s->profile);
	p->type = s->type;
	p->tbegin = p->tcreate = p->tstart = start;
	p->tend = p->updated = end - c->cycletime;
	p->status = "OK";
	p->size = UINT64_C(123456789);
	if (!profile_stat_path(c, s->group, s->profile, NULL, path))
		exit(1);
	check(file_mkdirs(path, 0775, &err));
	if (strcmp(s->group, ".") == 0)
		return p;
	(void)snprintf(path, sizeof(path), "%s/%s/.group", c->profilestatdir,
	    s->group);
	check(file_write_atomic(path, "", 0, 0664, &err));
	return p;
}

static void
add_channel(struct profile *p, const struct spec *s)
{
	struct channel *ch = profile_add_channel(p, s->channel);
	ch->sign = s->sign;
	ch->order = s->order;
	ch->color = s->color;
}

int
main(int argc, char **argv)
{
	if (argc != 4) {
		(void)fprintf(stderr, "usage: fixture config now days\n");
		return 2;
	}
	struct conf *c = conf_load(argv[1], &err);
	if (c == NULL) {
		(void)fprintf(stderr, "fixture: %s\n", err.msg);
		return 1;
	}
	int64_t end = slot_start(strtoll(argv[2], NULL, 10), c->cycletime);
	int64_t start =
	    slot_start(end - strtoll(argv[3], NULL, 10) * 86400, c->cycletime);
	struct profile *p = NULL;
	for (size_t i = 0; i < SPECS; i++) {
		const struct spec *s = &specs[i];
		if (p == NULL || strcmp(p->name, s->profile) != 0) {
			profile_free(p);
			p = blank(c, s, start, end);
		}
		state = i + 1;
		add_channel(p, s);
		fill(c, p, s, start, end);
		check(profile_save(c, p, &err));
	}
	profile_free(p);
	conf_free(c);
	return 0;
}
