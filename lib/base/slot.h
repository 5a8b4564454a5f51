/*
 * slot: time cut into intervals of the configured length, and the names that
 * flow files get from them (nfdump's and NfSen's).
 *
 * A slot is named by its start, epoch seconds, a multiple of its length
 * (UTC); file and folder names are the LOCAL time of that start:
 *
 *   nfcapd.yyyymmddHHMM     length >= 60 s
 *   nfcapd.yyyymmddHHMMSS   below a minute
 *
 * When clocks go back, a stretch of local time comes twice: names of its
 * second pass have nfdump's zone suffix, "nfcapd.202610250200+0100", so that
 * no two slots share a name.
 *
 * Sub-directory layouts (SUBDIRLAYOUT, nfcapd -S), strftime of the start:
 *   0 ""  1 %Y/%m/%d  2 %Y/%m/%d/%H  3 %Y/%W/%u  4 %Y/%W/%u/%H
 *   5 %Y/%j  6 %Y/%j/%H  7 %F  8 %F/%H
 */
#ifndef BASE_SLOT_H
#define BASE_SLOT_H

#include <stdbool.h>
#include <stdint.h>

#define SLOT_LAYOUTS  9
#define SLOT_NAME_MAX 32 /* "nfcapd.20260101120000+0100" with NUL */
#define SLOT_SUB_MAX  32 /* sub-directory text with NUL */
#define SLOT_PATH_MAX 80 /* sub-directory, '/', name */

/* Start of the slot that covers `when` (>= 0); length in seconds, > 0. */
int64_t slot_start(int64_t when, int64_t length);

/*
 * "yyyymmddHHMM" or with seconds when length < 60, for people: both passes
 * of a repeated hour read the same; buf SLOT_NAME_MAX.
 */
char *slot_iso(int64_t start, int64_t length, char *buf);

/* "nfcapd.<iso>", in a second pass "nfcapd.<iso>+zzzz"; returns buf. */
char *slot_name(int64_t start, int64_t length, char *buf);

/* Sub-directory of `layout` (0..8) without slashes at the ends, "" for 0. */
char *slot_subdir(int64_t start, int layout, char *buf);

/* "<subdir>/<name>", or the name alone; buf SLOT_PATH_MAX. */
char *slot_path(int64_t start, int64_t length, int layout, char *buf);

/*
 * Start named by "nfcapd.<12 or 14 digits>[+-zzzz]".  Without a zone suffix
 * the repeated hour of a clock change gives its first pass.  False for
 * every other name ("nfcapd.current.123", ".nfstat").
 */
bool slot_parse_name(const char *name, int64_t *start);

/* 12 or 14 digits, '-' anywhere ignored, local time; false when no date. */
bool slot_parse_iso(const char *text, int64_t *when);

#endif
