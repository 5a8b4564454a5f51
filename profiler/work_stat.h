/*
 * work_stat: workers that read sums of slots, from flow files' own totals or
 * from RRDs, and write them as lines of the protocol with the status last.
 *
 * A place is 'f' and a channel's folder, or 'r' and its RRD.  Times are epoch
 * seconds, starts of slots; ranges include their end.
 */
#ifndef PROFILER_WORK_STAT_H
#define PROFILER_WORK_STAT_H

/* PLACE FROM TO CYCLE ISO [ISO]: the 15 sums; files go by the ISO times. */
#define WORK_STATINFO "statinfo"
int work_statinfo(int argc, char **argv);

/*
 * DS TINIT FROM TO CYCLE {SIGN PLACE}...: the slot with the largest sum of
 * number DS of rrd_ds_names, channels of each sign summed apart.
 */
#define WORK_PEEK "peek"
int work_peek(int argc, char **argv);

#endif
