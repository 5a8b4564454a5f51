/*
 * exporter: what is known of one exporter: templates, samplers, names,
 * interface counters, sequence, and what became of its datagrams.
 *
 * An exporter is (sender address, version, id, sFlow agent).  The caller owns
 * the struct; the tables in it grow as the exporter tells more, each within
 * a limit of its own and all exporters together within a budget.
 */
#ifndef DECODE_EXPORTER_H
#define DECODE_EXPORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "decode/held.h"
#include "decode/table.h"
#include "decode/waiting.h"

/*
 * What outsiders can make us hold:
 *   TEMPLATES_MAX   templates of at most FIELDS_MAX fields  per exporter
 *                   where struct decode_opts says nothing else
 *   SAMPLERS_MAX    samplers                                per exporter
 *   NAMES_MAX       names of interfaces, VRFs, applications per exporter
 *   INTERFACES_MAX  interfaces with counters                per exporter
 *   EXPORTERS_MAX   exporters of about 400 bytes, and all of the above in
 *   BUDGET          bytes                                   per collector
 *   WAITING_MAX     bytes that wait for templates           per collector
 * that is 27, 128 and 64 MB; collector/source.h adds what a collector needs
 * around an exporter.
 */
#define DECODE_TEMPLATES_MAX  1024
#define DECODE_FIELDS_MAX     512
#define DECODE_SAMPLERS_MAX   1024
#define DECODE_NAMES_MAX      4096
#define DECODE_INTERFACES_MAX 4096
#define DECODE_EXPORTERS_MAX  65535
#define DECODE_BUDGET         ((size_t)128 << 20)

/* Why bytes were not turned into flows; each counted, never silent. */
struct decode_stats {
	uint64_t datagrams;
	uint64_t flows;
	uint64_t bad_version;  /* datagrams of no known version */
	uint64_t malformed;    /* datagrams or sets cut short, lengths wrong */
	uint64_t no_template;  /* data sets given up: no template came */
	uint64_t waited;       /* data sets decoded later than they came */
	uint64_t waited_flows; /* of `flows`, those in them */
	uint64_t no_field;  /* data sets whose template has no field we keep */
	uint64_t templates; /* templates learnt or changed */
	uint64_t redefined; /* of them known ones that have other fields now */
	uint64_t templates_bad; /* templates refused (size, limits) */
	uint64_t refused; /* samplers, names, interfaces beyond the limits */
	uint64_t counter_samples; /* sFlow: taken into interfaces */
	uint64_t unknown_samples; /* sFlow: of kinds that are not read */
	uint64_t sequence_gaps;   /* events: the sequence jumped */
	uint64_t sequence_lost;   /* how many units were missing: flows for v5,
	                              v7 and IPFIX, datagrams for v9, sFlow.
	                              Falls again when one arrives late. */
};

/* How the datagrams of a source are to be read; the caller's, by pointer. */
struct decode_opts {
	uint32_t sampling;          /* 1 of n where nothing says more; 0, 1 */
	uint32_t sampling_override; /* 1 of n whatever anybody says; 0: none */
	bool tunnels; /* of sampled GRE, IP in IP and VXLAN: the inner flow,
	                 the outer one as FE_TUN4 or FE_TUN6 */
	uint32_t templates; /* at most, of an exporter; 0:
	                       DECODE_TEMPLATES_MAX */
};

struct template_set; /* templates of one exporter, template.h */

/*
 * Where an exporter's sequence numbers stand, and what they count: the units
 * sent before the datagram as the protocols say, or its own as well, and
 * with or without the records of options (bits of `habit`).
 */
struct sequence {
	bool known;
	uint8_t habit;
	uint8_t late;     /* datagrams in a row from before the expected one */
	uint8_t rival;    /* another habit that would explain the numbers */
	uint8_t wins;     /* how often in a row only that one did */
	uint32_t last;    /* number of the last datagram */
	uint32_t units;   /* it held, options included */
	uint32_t options; /* of them options */
	uint32_t missing; /* units that may still arrive late */
	uint64_t doubt;   /* units counted lost that the rival explains */
};

struct exporter {
	struct addr ip;
	uint16_t version;  /* 1, 5, 7, 9, 10, DECODE_SFLOW */
	uint32_t id;       /* v5 engine tag, v9 source id, IPFIX observation
	                     domain, sFlow v5 sub-agent id; else 0 */
	struct addr agent; /* sFlow: as the datagram says */
	uint16_t sysid;    /* 1.. in order of first sight, per source */

	const struct decode_opts *opts; /* NULL: nothing special */
	struct budget *budget; /* shared by all exporters; NULL: no limit */
	struct waiting_store *store; /* shared; NULL: nothing waits */

	struct sequence sequence;
	uint64_t boot_ms; /* IPFIX: system init time from options; 0: none */
	int64_t last_seen_ms;
	struct decode_stats stats;      /* since start */
	struct template_set *templates; /* NULL until the first */
	struct waiting waiting;
	struct held_ring held;
	struct table samplers;      /* struct sampler, sampling.h */
	struct table names;         /* struct name, names.h */
	struct table interfaces;    /* struct interface, interface.h */
	uint32_t names_changed;     /* counts up when a name does */
	uint32_t templates_changed; /* and when one comes, changes or goes */
	uint16_t redefined_id;      /* the last that has other fields */
	uint32_t samplers_changed;  /* and when a rule's rate does */
};

#endif
