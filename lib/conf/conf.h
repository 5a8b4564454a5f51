/*
 * conf: nfsen.conf, read, checked, printed back.
 *
 * The file is NfSen's (conf/value.h has the grammar) plus `%profiles`, the
 * desired profiles, and settings of our own.  Everything lives in the
 * conf's arena; a reload loads a second conf, compares, switches.
 *
 * Every problem found has the form "file:line:column: message"; unknown
 * names are kept and warned about.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "nffile/layout.h"

#define CONF_IDENT_MAX   19 /* characters of a source name */
#define CONF_NAME_MAX    64 /* of a profile or group name */
#define CONF_CHANNEL_MAX 64 /* of a channel name */

enum conf_source_type {
	SOURCE_NETFLOW, /* all protocols, told apart by their first bytes */
	SOURCE_SFLOW,   /* the same, to us */
	SOURCE_PCAP
};

/* How a source's flows come in; bits. */
enum conf_transport {
	TRANSPORT_UDP = 1,
	TRANSPORT_TCP = 2, /* IPFIX only, as is TLS */
	TRANSPORT_TLS = 4  /* not with TCP */
};

struct conf_codec {
	enum nffile_codec codec;
	int level; /* 0: the codec's default */
};

#define CONF_REPEAT_MAX 8

/* Where datagrams go on to. */
struct conf_repeat {
	const char *host; /* address or name */
	uint16_t port;
};

/* How datagrams come in and what becomes of files, where not as usual. */
struct conf_intake {
	const char *bind;        /* address or name; NULL: $BINDADDR */
	const char *mcast;       /* group to join, or NULL */
	enum addr_family family; /* ADDR_NONE: both */
	int bufflen;             /* bytes; 0: $BUFFLEN */
	int32_t sampling;        /* 1:n where the exporter names none; negative:
	                     1:-n whatever it says; 0: nothing */
	struct conf_repeat repeat[CONF_REPEAT_MAX];
	size_t n_repeat;
	bool spoof;   /* repeat with the exporter's address */
	bool tunnels; /* sampled packets in tunnels: the inner flow */
	int layout;   /* 0..8; -1: $SUBDIRLAYOUT */
	bool zone;    /* names end with the offset from UTC */
	bool own_codec;
	struct conf_codec codec;    /* when own_codec, else $ZIPcollected */
	const char *const *command; /* at rotation, ends with NULL; or NULL */
	const char *command_text;   /* the same as it was written */
	int dynamic; /* so many unknown exporters become sources; 0: none */
};

#define CONF_DYNAMIC_MAX   4096
#define CONF_RECEIVERS_MAX 64

/* The .nfstat of a source's folder, where no profiler keeps it. */
enum conf_books {
	CONF_BOOKS_NONE,  /* not ours */
	CONF_BOOKS_KEPT,  /* nfcapd: kept true where there is one */
	CONF_BOOKS_EXPIRE /* nfcapd -e: its limits are kept as well */
};

struct conf_source {
	const char *ident; /* [A-Za-z0-9_], 1..19 */
	uint16_t port;     /* 0: no collector */
	const char *col;   /* "#rrggbb" or NULL */
	enum conf_source_type type;
	unsigned transport; /* enum conf_transport; 0: UDP */
	struct prefix *ips; /* senders, sorted; none: any */
	size_t n_ips;
	bool only_ips;      /* nfcapd -n: also when alone on the port */
	const char *optarg; /* NULL when not given */
	struct conf_intake in;
	const char *dir;    /* of its files; NULL: live/<ident> */
	const char *parent; /* it came by itself behind that (conf/grown.h) */
	int64_t since;      /* when that was, epoch seconds */
	enum conf_books books;
};

struct conf_channel {
	const char *name;
	const char *filter;
	const char **sources; /* names; n_sources == 0: all live sources */
	size_t n_sources;
	const char *col; /* "#rrggbb" or NULL */
	char sign;       /* '+' or '-' */
	int order;       /* 1..; 0: last */
	int line, column;
};

struct conf_profile {
	const char *group; /* "." when none */
	const char *name;
	const char *description; /* may hold newlines; "" when none */
	bool shadow;
	bool history;         /* type => 'history' (needs tend) */
	int64_t tstart;       /* epoch seconds; 0: now */
	int64_t tend;         /* 0: none */
	int64_t expire_hours; /* 0: unlimited */
	uint64_t maxsize;     /* bytes, 0: unlimited */
	struct conf_channel *channels;
	size_t n_channels;
	int line, column;
};

/* %sim: which slots a simulation works off; times are whole slots. */
struct conf_sim {
	int64_t tstart; /* the first */
	int64_t tbegin; /* known from the start up to here; -1: none */
	int64_t tend;   /* the end */
	int cycletime;  /* seconds for a slot; 0: as fast as it goes */
};

struct value;

/* When what is written is forced to the disk, against a power failure. */
enum conf_fsync {
	FSYNC_OFF,  /* when the system likes */
	FSYNC_SLOT, /* before a file gets its slot's name */
	FSYNC_BLOCK /* also each second's block of the collector */
};

struct conf {
	struct arena arena;
	const char *file;

	const char *basedir, *bindir, *libexecdir, *confdir, *htmldir, *docdir;
	const char *vardir, *piddir, *filterdir, *formatdir;
	const char *profilestatdir, *profiledatadir;
	const char *prefix; /* folder of nfdump's tools */
	const char *commsocket;
	const char *user, *wwwuser, *wwwgroup; /* wwwgroup NULL: user's group */
	const char *syslog_facility;
	int bufflen;      /* socket buffer, bytes; 0: system default */
	int subdirlayout; /* 0..8 */
	struct conf_codec zip_collected, zip_profiles;
	int receivers; /* threads, and sockets of a port */
	int profilers;
	int disklimit; /* percent, 0 off */
	int low_water; /* percent */
	int cycletime; /* seconds, slot length, default 300 */
	int refresh;   /* web reload, seconds */
	const char *mail_from, *smtp_server, *mail_body;
	bool simmode;
	struct conf_sim sim; /* when simmode */

	/* our own settings */
	const char *bind_v4;    /* $BINDADDR: address to listen on; NULL: all */
	const char *fcgisocket; /* $FCGISOCKET */
	int fcgiworkers;        /* $FCGIWORKERS, default 4 */
	int flowformat;         /* $FLOWFORMAT: enum nffile_compat */
	int fsync;              /* $FSYNC: enum conf_fsync, default slot */
	int sandbox;            /* $SANDBOX: 1 on, the default; 0 off */
	int index;              /* $INDEX: 1, the default: beside flow files */
	const char *tlscert, *tlskey; /* $TLSCERT, $TLSKEY; NULL: no TLS */
	const char *tlsca;      /* $TLSCA: who may connect; NULL: anybody */
	int tcpconnections;     /* $TCPCONNECTIONS, at most */
	int tcpidle;            /* $TCPIDLE: seconds without a message */
	const char *rrdcached;  /* $RRDCACHED: "unix:/path"; NULL: none */
	const char *metrics;    /* $METRICS: "127.0.0.1:9390"; NULL: none */
	int metrics_interfaces; /* $METRICS_INTERFACES, at most; 0: none */

	/* what exporters can make the collector hold; 0: its own defaults */
	int exporters;    /* $EXPORTERS, at most */
	int exporteridle; /* $EXPORTERIDLE: seconds silent, then forgotten */
	int templates;    /* $TEMPLATES of an exporter, at most */
	int templateidle; /* $TEMPLATEIDLE: seconds unused, then forgotten */
	int waitingsize;  /* $WAITINGSIZE: MiB that wait for templates */

	const char *geodb; /* $GEODB: FILE[:FILE..]; NULL: none */

	const char *statedir; /* nfcapd: templates and ledger; NULL:
	                         PROFILESTATDIR/live, if there is one */
	const char *meter;    /* nfcapd -m: a socket; NULL: none */

	struct conf_source *sources; /* sorted by ident */
	size_t n_sources;
	bool has_profiles;             /* %profiles is there, maybe empty */
	struct conf_profile *profiles; /* sorted by group, name */
	size_t n_profiles;

	/* what the file set, as parsed: @plugins, %PluginConf, unknown names */
	const struct value *vars;

	struct buf warnings; /* one "file:line:column: text" line each */
};

/*
 * The file: path, else $NFSEN_CONF, else the nfsen.conf compiled in.
 */
const char *conf_path(const char *path);

/*
 * Load and check, with the sources that came by themselves.  NULL and err
 * with place; *c is the caller's to free.
 */
struct conf *conf_load(const char *path, struct err *err);
void conf_free(struct conf *c);

/* From memory, for tests; `file` stands in messages. */
struct conf *conf_load_text(const char *file, const char *text, size_t len,
    struct err *err);

/*
 * The effective config in config syntax: every known setting with its value,
 * sources, profiles.  conf_load_text of it prints the same again.
 */
void conf_print(const struct conf *c, struct buf *out);

/* One profile as an entry of %profiles; length is that of a slot. */
void conf_print_profile(const struct conf_profile *p, int64_t length,
    struct buf *out);

/*
 * What must hold to run here, beyond syntax: user and group exist, folders
 * can be used.
 */
int conf_check_system(const struct conf *c, struct err *err);

/* The same for a program that only reads profiles and flows. */
int conf_check_reader(const struct conf *c, struct err *err);

/*
 * A running daemon that has `a` can take `b`: folders, control socket and
 * user are the same.  What differs takes a restart, which err says.
 */
int conf_same_places(const struct conf *a, const struct conf *b,
    struct err *err);

const struct conf_source *conf_source_find(const struct conf *c,
    const char *ident);

/* group "." for none. */
const struct conf_profile *conf_profile_find(const struct conf *c,
    const char *group, const char *name);

/* "192.0.2.1;10.0.0.0/8", single addresses without their length. */
void source_ips(const struct prefix *ips, size_t n, struct buf *out);

/* ---- NfSen's value syntax, used by config, command line and protocol ----- */

bool conf_name_ok(const char *s, size_t max); /* [A-Za-z0-9+_-]+ */
bool conf_channel_name_ok(const char *s);     /* [A-Za-z0-9_-]+ */
bool conf_colour_ok(const char *s);           /* #rrggbb */

/* "30 days", "2 days 3 hours", "51", "0"/"never": hours; -1: error. */
int64_t conf_parse_expire(const char *s);

/* "2g", "1.5 GB", "100" (MB), "7b", "0"/"unlimited": bytes; false: error. */
bool conf_parse_size(const char *s, uint64_t *bytes);

/* The same back, exactly: "30 days", "51 hours", "never"; "2g", "unlimited". */
void conf_print_expire(int64_t hours, struct buf *out);
void conf_print_size(uint64_t bytes, struct buf *out);

#endif
