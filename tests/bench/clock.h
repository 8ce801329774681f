#pragma once
// The floor with a clock: what each system call cost, printed by the process that made it just before it ends or becomes
// the command. Units are the processor's own ticks, turned into microseconds by the parent's wall clock at the end.
#ifdef FLOOR_CLOCK

#define CLOCK_NOTES 16384
static struct {
    long number, result;
    uint64_t begin, end;
    const char* what;
} clock_notes[CLOCK_NOTES];
static int clock_used;
static const char* clock_what = "start";
static uint64_t clock_zero;

static inline void clock_note(long number, uint64_t begin, long result) {
    if (clock_used == CLOCK_NOTES) return;
    clock_notes[clock_used].number = number;
    clock_notes[clock_used].result = result;
    clock_notes[clock_used].begin = begin;
    clock_notes[clock_used].end = clock_now();
    clock_notes[clock_used].what = clock_what;
    clock_used++;
}

/// One line a call: process, what for, number, microseconds since the program began, microseconds in the call, result.
static void clock_print(const char* process, int since) {
    struct { long seconds, nanoseconds; } t0, t1;
    int used = clock_used;
    raw_call(__NR_clock_gettime, 4, (long)&t0, 0, 0, 0, 0);
    uint64_t c0 = clock_now(), c1 = c0, nanoseconds = 0;
    while (nanoseconds < 200000) {
        raw_call(__NR_clock_gettime, 4, (long)&t1, 0, 0, 0, 0);
        c1 = clock_now();
        nanoseconds = (uint64_t)((t1.seconds - t0.seconds) * 1000000000 + t1.nanoseconds - t0.nanoseconds);
    }
    uint64_t ticks = (c1 - c0) * 1000 / nanoseconds;  // a microsecond
    for (int n = since; n < used; n++) {
        char line[256], *end = line;
        end = put(end, process);
        end = put(end, " ");
        end = put(end, clock_notes[n].what);
        end = put(end, " ");
        end = put_number(end, (uint64_t)clock_notes[n].number);
        end = put(end, " ");
        end = put_number(end, (clock_notes[n].begin - clock_zero) * 1000 / ticks);
        end = put(end, " ");
        end = put_number(end, (clock_notes[n].end - clock_notes[n].begin) * 1000 / ticks);
        end = put(end, clock_notes[n].result < 0 && clock_notes[n].result > -4096 ? " refused\n" : " ok\n");
        raw_call(__NR_write, 2, (long)line, end - line, 0, 0, 0);
    }
}
#define CLOCK_ZERO() (clock_zero = clock_now())
#define CLOCK_WHAT(text) (clock_what = (text))
#define CLOCK_PRINT(process, since) clock_print(process, since)
#define CLOCK_USED() clock_used
#else
#define CLOCK_ZERO() ((void)0)
#define CLOCK_WHAT(text) ((void)0)
#define CLOCK_PRINT(process, since) ((void)0)
#define CLOCK_USED() 0
#endif
