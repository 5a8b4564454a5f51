/*
 * ops_internal: values of a request, checked; what the files of ops share.
 */
#ifndef PROFILE_OPS_INTERNAL_H
#define PROFILE_OPS_INTERNAL_H

#include "profile/edit.h"
#include "profile/ops.h"

#define OPS_CHANNELS_MAX 4096 /* of one profile */

/* A flag: given and neither "" nor "0". */
bool ops_flag(const char *text);

/* yyyymmddHHMM, rounded down to a slot; "Time format wrong 't'!". */
int ops_time(const struct conf *c, const char *text, int64_t *when,
    struct err *err);

/* Left alone when text is NULL; "Unknown expire time 'e'", "Unknown max size 's'". */
int ops_expire(const char *text, int64_t *hours, struct err *err);
int ops_maxsize(const char *text, uint64_t *bytes, struct err *err);

/*
 * The channel's sources: those of live by name, each at most once; text NULL:
 * all.  "source 's' does not exist in profile live".
 */
int ops_sources(const struct profile *live, const char *text, struct profile *p,
    struct channel *ch, struct err *err);

/* The request's description as profile.dat can hold it; in p's arena. */
void ops_description(const struct ops_request *r, struct profile *p);

/* A filter as its file has it: "not any" when none was sent. */
int ops_filter_text(const struct conf *c, const struct ops_request *r,
    struct buf *text, struct err *err);

/* "checking channel name: ...!"; NULL is a name with illegal characters. */
int ops_channel_name(const char *name, struct err *err);

/*
 * How many channels have this sign, and moving one to `order` (0 or beyond
 * the last: to the end) among those of `sign`; the others close up.
 */
int ops_count_sign(const struct profile *p, char sign);
void ops_place_channel(struct profile *p, struct channel *ch, char sign,
    int order);

/* Take one out of p's array. */
void ops_remove_channel(struct profile *p, struct channel *ch);

/* The first slot that is still to be worked off: new databases begin there. */
int64_t ops_next_slot(const struct conf *c, const struct profile *p,
    int64_t now);

bool ops_is_live(const struct profile_id *id);
int ops_kind(const struct profile *p); /* enum profile_type without SHADOW */

/* Fill in res: text behind OK, and which profile it is. */
void ops_done(struct ops_result *res, const struct profile_id *id, bool changed,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
