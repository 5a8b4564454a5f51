/*
 * source: the configured sources and the exporters seen behind each; which
 * of them a datagram belongs to.  All of it is the decode thread's.
 */
#ifndef COLLECTOR_SOURCE_H
#define COLLECTOR_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "collector/flowfile.h"
#include "collector/keep.h"
#include "collector/ring.h"
#include "collector/session.h"
#include "collector/traffic.h"
#include "collector/writer.h"
#include "decode/decode.h"
#include "decode/state.h"
#include "ledger/ledger.h"
#include "nffile/nffile.h"

struct source;

/* An exporter and what its current file knows of it. */
struct sender {
	struct sender *next;         /* same bucket */
	struct sender *next_sibling; /* same source */
	struct sender **sibling_at;  /* what points to this one there */
	struct source *source;
	uint16_t port;
	bool stream;      /* over TCP */
	uint32_t session; /* 0: of datagrams, or it has ended */
	struct sender *next_of_session;
	struct sender **session_at; /* what points to this one there */
	struct exporter e;
	bool in_file;               /* its record is in the current file */
	uint32_t names_in_file;     /* the e.names_changed it was told */
	uint32_t samplers_in_file;  /* ... of samplers_changed */
	int64_t samplers_ms;        /* when that was; monotonic */
	struct decode_stats before; /* when the file began */
	uint64_t packets, bytes;    /* of its flows */
	uint64_t told[LEDGER_COUNTS];
	struct table traffic; /* of its interfaces, traffic.h */
};

struct source {
	struct source *next;
	struct flowfile_spec spec;
	uint16_t port;
	struct prefix *ips; /* its senders; none: whoever is nobody else's */
	size_t n_ips;
	bool only_ips;           /* also when it is alone on its port */
	struct decode_opts opts; /* of all its exporters */
	struct repeat *repeat;   /* not ours; NULL: none */
	/*
	 * More than 0: it has no files, and a sender that is nobody else's
	 * becomes a source of its own below its folder, so many at most.
	 */
	int dynamic;
	int n_dynamic;          /* there are */
	uint64_t refused;       /* datagrams of senders beyond them */
	bool refusing;          /* that was said */
	struct source *parent;  /* the dynamic one it came from, or NULL */
	bool listed;            /* also for the time after us: conf/grown.h */
	struct sender *senders; /* newest first */
	size_t n_senders;
	uint32_t last_sysid;

	struct outfile *file;
	struct nffile_writer block; /* being collected */
	int64_t block_since_ms;     /* monotonic; of its first record */

	const atomic_uint_fast64_t *unwritten;
	uint64_t unwritten_seen; /* when it was last looked at */
	uint64_t last_ms;        /* of the last datagram, epoch; 0: none */
	uint64_t datagrams, flows, packets, bytes;
	uint64_t bad;         /* datagrams no exporter could be found for */
	uint64_t bad_before;  /* when the file began */
	uint64_t bad_version; /* of these: of no known protocol */
	uint64_t too_short;   /* of these: shorter than their header */
	uint64_t gone[LEDGER_COUNTS]; /* of senders that were forgotten */
	uint64_t told[LEDGER_COUNTS];
	bool wanted; /* while a config is applied */
};

/* What the configuration allows exporters to make us hold. */
struct sources_limits {
	size_t exporters;         /* 1 .. DECODE_EXPORTERS_MAX */
	size_t waiting;           /* bytes, of all; half of it of one */
	int64_t exporter_idle_ms; /* silent longer: forgotten */
	int64_t template_idle_ms; /* neither announced nor used so long */
};

/* Where it says nothing. */
#define SOURCES_LIMITS                                                         \
	{                                                                      \
		DECODE_EXPORTERS_MAX, WAITING_MAX, KEEP_AGE_MS, KEEP_AGE_MS    \
	}

struct sources {
	struct source *first; /* by ident */
	struct sources_limits limits;
	/* A dynamic source's new one for a sender; NULL: not possible. */
	struct source *(
	    *grow)(void *ctx, struct source *s, const struct addr *from);
	void *grow_ctx;
	struct sender **buckets;
	size_t n_buckets;
	size_t n_senders;
	struct sender *sessions[SESSION_SLOTS]; /* of those that go on */
	struct session_refusals *refusals;      /* NULL: there is no TCP */
	struct budget budget; /* for what all exporters make us keep */
	struct waiting_store waiting;
	struct traffic_budget traffic;
	struct keep *keep; /* what they told before; NULL: nothing */
};

/*
 * What all exporters, real or not, can make a collector hold where the
 * configuration does not say otherwise: their own structs with the allocator's part and the table to find them, what they
 * tell, and what waits for templates; some slack of the allocator.
 */
#define SENDERS_MEMORY_MAX                                                     \
	(DECODE_EXPORTERS_MAX * (sizeof(struct sender) + 48) + DECODE_BUDGET + \
	    WAITING_MAX + ((size_t)16 << 20))

/* Half of all exporters are known: those silent so long make room. */
#define SENDERS_IDLE_MS (600 * 1000)

/* With SOURCES_LIMITS. */
void sources_init(struct sources *ss);

/* Exporters that are there stay; of what waits the oldest is given up. */
void sources_limit(struct sources *ss, const struct sources_limits *limits);

void sources_free(struct sources *ss);

struct source *source_add(struct sources *ss, const struct flowfile_spec *spec,
    uint16_t port);
/* Whose datagrams it takes; the list is copied. */
void source_set_ips(struct source *s, const struct prefix *ips, size_t n,
    bool only_ips);
struct source *source_find(const struct sources *ss, const char *ident);

/* Give up what waits for templates, while it can still be counted. */
void source_give_up(struct source *s);

/* With its senders; its file is closed already. */
void source_remove(struct sources *ss, struct source *s);

/*
 * Whose a datagram is.  A source alone on its port takes everybody (unless
 * only_ips); where several share one, the longest prefix that has the
 * sender wins; who has none is for the port's dynamic source.  NULL: nobody's.
 */
struct source *source_of(const struct sources *ss, uint16_t port,
    const struct addr *from);

/*
 * The known or new sender of this datagram.  NULL: *source is whom to charge
 * (NULL: nobody listens to this sender), h->version what it is of.
 */
struct sender *sender_find(struct sources *ss, const struct ring_head *r,
    const uint8_t *data, struct source **source);

/*
 * One that another process knew, and what it knew of it (state_put_all).
 * NULL: no source takes it any more, or there is no room.
 */
struct sender *sender_restore(struct sources *ss, const struct state_record *r);

/*
 * Forget those that were silent for too long, with their templates, and
 * templates unused for too long; when there are many or they tell much, also
 * those that were silent for SENDERS_IDLE_MS.
 */
void senders_expire(struct sources *ss, uint64_t now_ms);

/* Senders whose source would be another now are forgotten. */
void senders_recheck(struct sources *ss);

#endif
