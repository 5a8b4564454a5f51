/*
 * takeover: what an installation of NfSen 1.3 consists of, what of it is as
 * it should be, and what has to be done so that our daemons go on with it.
 *
 * survey_take looks and changes nothing.  Every finding that calls for work
 * has its step; takeover_do does one.  A step is atomic on disk and can be
 * repeated: after an interruption the next survey finds what is left.  No
 * step deletes anything: what is replaced gets a name beside it.
 */
#ifndef ADMIN_TAKEOVER_H
#define ADMIN_TAKEOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/admin.h"
#include "base/slot.h"
#include "filter/filter.h"
#include "profile/nfstat.h"
#include "profile/profile.h"
#include "profile/storable.h"
#include "store/shape.h"

enum finding_kind {
	FIND_NOTE, /* worth knowing, nothing to do */
	FIND_DO,   /* takeover does it */
	FIND_LOST, /* damaged: says what is lost of it; may have a step */
	FIND_STOP, /* takeover refuses until it is settled */
	FIND_KINDS
};

enum step_kind {
	STEP_NONE,
	STEP_FOLDER,  /* make `path` */
	STEP_MARK,    /* make the empty file `path` (.group) */
	STEP_LIVE,    /* write live's profile.dat from config and files */
	STEP_PROFILE, /* the same of another profile, from its files */
	STEP_RESTORE, /* database `path` from its dump, `path`.xml */
	STEP_NEWRRD,  /* database `path` new, from the channel's flow files */
	STEP_NFSTAT,  /* count the files of the channel's folder `path` */
	STEP_FINISH,  /* complete the flow file `path` of the source */
	STEP_HINTS,   /* write hints */
	STEP_OWNERS   /* owner and mode below `path` */
};

struct finding {
	enum finding_kind kind;
	const char *where; /* "services/mail: smtp", "hints" */
	const char *text;
	enum step_kind step;
	const char *path;
	struct profile_id id;
	const char *channel;
	const char *aside; /* STEP_RESTORE, NEWRRD: suffix for the old file */
};

/* Flow files below a channel's folder. */
struct flow_facts {
	bool missing;           /* the folder is not there */
	uint64_t files;         /* of slots */
	uint64_t bytes;         /* 512 * blocks */
	int64_t first, last;    /* slots, 0: none */
	uint64_t by_version[3]; /* [1], [2]: layout of the file; [0]: neither */
	uint64_t
	    by_layout[SLOT_LAYOUTS]; /* lie where SUBDIRLAYOUT n has them */
	uint64_t elsewhere;
	uint64_t empty;      /* of 0 bytes */
	uint64_t zoned;      /* names with a zone suffix */
	uint64_t open;       /* nfcapd.current.* */
	uint64_t unfinished; /* nfprofile.<pid> */
	uint64_t others;     /* of no known name */
	const char *bad;     /* the first file that is no flow file */
	const char *other;
	const char **left; /* paths of open files */
	size_t n_left;
};

#define FLOW_LEFT_MAX 64 /* open files that are named */

struct survey_channel {
	const char *name;
	const char *filter_error; /* NULL: none */
	struct rrd_facts rrd;
	struct flow_facts flows;
	struct nfstat stat;
	bool has_stat;
};

struct survey_profile {
	struct profile_id id;
	struct profile *p; /* NULL: unreadable */
	const char *error; /* then */
	bool building, canceled, deleted;
	struct survey_channel *channels;
	size_t n_channels;
};

struct survey_alert {
	const char *name;
	const char *status; /* of alert.dat */
	int64_t updated;    /* of alert.status; 0: never, -1: unreadable */
	int64_t trigger_status;
	size_t events; /* that it remembers */
};

struct survey_process {
	const char *file; /* pid file */
	long pid;
	const char *name; /* of the program, "" when unknown */
};

struct survey {
	struct arena arena;
	const struct conf *c;
	struct finding *findings;
	size_t n_findings, cap;
	size_t count[FIND_KINDS];
	struct survey_profile *profiles;
	size_t n_profiles;
	struct survey_alert *alerts;
	size_t n_alerts;
	struct survey_process *processes;
	size_t n_processes;
	struct perl_value *hints;    /* NULL: none that can be read */
	size_t n_filters, n_formats; /* saved */
	uint64_t by_layout[SLOT_LAYOUTS], elsewhere; /* all profiles' files */
	int layout_files;     /* of most files; -1: there are none */
	int64_t layout_hints; /* -1: not known */
	struct filter_options options;
	bool deep; /* look into the header of every flow file */
};

/* -1: the trees themselves cannot be read.  Free in both cases. */
int survey_take(struct survey *s, const struct conf *c, struct err *err);
void survey_free(struct survey *s);

void survey_print(const struct survey *s);
void survey_json(const struct survey *s, struct buf *out);

/* Do a finding's step at time `now`. */
int takeover_do(const struct conf *c, const struct finding *f, int64_t now,
    struct err *err);

/* ---- between the files of the survey ---------------------------------------- */

struct finding *survey_find(struct survey *s, enum finding_kind kind,
    const char *where, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

void survey_conf(struct survey *s);
void survey_processes(struct survey *s);
void survey_hints(struct survey *s);
int survey_profiles(struct survey *s, struct err *err);
void survey_profile(struct survey *s, struct survey_profile *p);
void survey_alerts(struct survey *s);
void survey_saved(struct survey *s);
void survey_owners(struct survey *s);

/* "group/name" or "name"; in the arena. */
const char *survey_name(struct survey *s, const struct profile_id *id);

/* Walk a channel's folder. */
void flow_look(const char *dir, bool deep, struct arena *a,
    struct flow_facts *f);

/* A filter's error as "file:line: text", NULL when it parses. */
const char *filter_trouble(struct survey *s, const char *path, const char *text,
    size_t len);

/*
 * Bring every file and folder below `path` into the hands of USER:WWWGROUP;
 * *n: how many are not.  fix false: only count, the first of them is named.
 */
int owners_walk(const struct conf *c, const char *path, bool fix, size_t *n,
    char *first, struct err *err);

/* A database's content from the flow files of the channel's folder. */
int refill_rrd(const struct conf *c, const char *rrd, const char *dir,
    int64_t first, uint64_t *slots, struct err *err);

#endif
