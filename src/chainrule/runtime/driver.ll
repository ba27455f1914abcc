; The driver: it runs the tasks of a program on one thread or on a team.
;
; Compiled once per process. Words like $TASK are the numbers of the fields of a job, a record and
; a team; driver.py names them. A thread of a team goes through all tasks, takes units of each
; until none is left, and meets the others where a task waits.

; --- waiting ------------------------------------------------------------------------------------

; Return when the word is not `seen` any more: spin, then give the core away, then sleep.
define internal void @wait(ptr %word, ptr %sleepers, i32 %seen, i64 %spin) {
entry:
  %patience = add i64 %spin, $YIELD_NANOSECONDS
  br label %batch
batch:
  %start = phi i64 [0, %entry], [%began, %pause], [%began, %yield], [%began, %sleep]
  br label %look
look:
  %n = phi i32 [0, %batch], [%n1, %again]
  %now = load atomic i32, ptr %word acquire, align 4
  %changed = icmp ne i32 %now, %seen
  br i1 %changed, label %done, label %again
again:
  call void @pause()
  %n1 = add i32 %n, 1
  %more = icmp ult i32 %n1, 32
  br i1 %more, label %look, label %late
late:
  %time = call i64 @clock()
  %first = icmp eq i64 %start, 0
  %began = select i1 %first, i64 %time, i64 %start
  %waited = sub i64 %time, %began
  %soon = icmp ult i64 %waited, %spin
  br i1 %soon, label %pause, label %longer
pause:
  br label %batch
longer:
  %patient = icmp ult i64 %waited, %patience
  br i1 %patient, label %yield, label %sleep
yield:
  %yielded = call i32 @sched_yield()
  br label %batch
sleep:
  %before = atomicrmw add ptr %sleepers, i32 1 seq_cst
  call void @nap(ptr %word, i32 %seen)
  %after = atomicrmw sub ptr %sleepers, i32 1 seq_cst
  br label %batch
done:
  ret void
}

; Change the word and wake who sleeps on it. Sleepers count themselves before the kernel compares
; the word, so either they see the new value or they are seen here.
define internal void @signal(ptr %word, ptr %sleepers, i32 %value) {
entry:
  %old = atomicrmw xchg ptr %word, i32 %value seq_cst
  %count = load atomic i32, ptr %sleepers seq_cst, align 4
  %any = icmp ne i32 %count, 0
  br i1 %any, label %some, label %done
some:
  call void @rouse(ptr %word)
  br label %done
done:
  ret void
}

define internal i64 @clock() {
entry:
  %time = alloca { i64, i64 }
  %failed = call i32 @clock_gettime(i32 $CLOCK, ptr %time)
  %s = load i64, ptr %time
  %part = getelementptr { i64, i64 }, ptr %time, i64 0, i32 1
  %ns = load i64, ptr %part
  %whole = mul i64 %s, 1000000000
  %sum = add i64 %whole, %ns
  ret i64 %sum
}

; --- what one thread does between two tasks, while the others wait --------------------------------

; Charge the time since the last meeting to the task before this one.
define internal void @charge(ptr %job, ptr %seconds, i64 %task) {
entry:
  %stamp.at = getelementptr i64, ptr %job, i64 $STAMP
  %stamp = load i64, ptr %stamp.at
  %now = call i64 @clock()
  store i64 %now, ptr %stamp.at
  %first = icmp eq i64 %task, 0
  br i1 %first, label %done, label %add
add:
  %before = sub i64 %task, 1
  %at = getelementptr i64, ptr %seconds, i64 %before
  %old = load i64, ptr %at
  %spent = sub i64 %now, %stamp
  %new = add i64 %old, %spent
  store i64 %new, ptr %at
  br label %done
done:
  ret void
}

; Move the addresses of the table that go through the steps.
define internal void @advance(ptr %job) {
entry:
  %table.at = getelementptr i64, ptr %job, i64 $TABLE
  %table = load ptr, ptr %table.at
  %pairs.at = getelementptr i64, ptr %job, i64 $ADVANCES
  %pairs = load ptr, ptr %pairs.at
  %count.at = getelementptr i64, ptr %job, i64 $ADVANCE_COUNT
  %count = load i64, ptr %count.at
  br label %head
head:
  %n = phi i64 [0, %entry], [%n1, %move]
  %more = icmp ult i64 %n, %count
  br i1 %more, label %move, label %done
move:
  %slot.at = getelementptr { i64, i64 }, ptr %pairs, i64 %n
  %slot = load i64, ptr %slot.at
  %bytes.at = getelementptr { i64, i64 }, ptr %slot.at, i64 0, i32 1
  %bytes = load i64, ptr %bytes.at
  %address.at = getelementptr i64, ptr %table, i64 %slot
  %address = load i64, ptr %address.at
  %moved = add i64 %address, %bytes
  store i64 %moved, ptr %address.at
  %n1 = add i64 %n, 1
  br label %head
done:
  ret void
}

; Say whether one of the halting bytes, which lie where the table says, is not zero.
define internal i1 @halted(ptr %job) {
entry:
  %table.at = getelementptr i64, ptr %job, i64 $TABLE
  %table = load ptr, ptr %table.at
  %slots.at = getelementptr i64, ptr %job, i64 $HALTS
  %slots = load ptr, ptr %slots.at
  %count.at = getelementptr i64, ptr %job, i64 $HALT_COUNT
  %count = load i64, ptr %count.at
  br label %head
head:
  %n = phi i64 [0, %entry], [%n1, %look]
  %more = icmp ult i64 %n, %count
  br i1 %more, label %look, label %no
look:
  %slot.at = getelementptr i64, ptr %slots, i64 %n
  %slot = load i64, ptr %slot.at
  %address.at = getelementptr i64, ptr %table, i64 %slot
  %address = load ptr, ptr %address.at
  %byte = load i8, ptr %address
  %n1 = add i64 %n, 1
  %set = icmp ne i8 %byte, 0
  br i1 %set, label %yes, label %head
yes:
  ret i1 true
no:
  ret i1 false
}

; Say whether all threads leave before this task, and why: callback, end of the last step, time.
define internal i1 @decide(ptr %job, i64 %task) {
entry:
  %seconds.at = getelementptr i64, ptr %job, i64 $SECONDS
  %seconds = load ptr, ptr %seconds.at
  %timed = icmp ne ptr %seconds, null
  br i1 %timed, label %charge, label %phase
charge:
  call void @charge(ptr %job, ptr %seconds, i64 %task)
  br label %phase
phase:
  %epoch.at = getelementptr i64, ptr %job, i64 $EPOCH
  %epoch = load i64, ptr %epoch.at
  %epoch1 = add i64 %epoch, 1
  store i64 %epoch1, ptr %epoch.at
  %task.at = getelementptr i64, ptr %job, i64 $TASK
  %count.at = getelementptr i64, ptr %job, i64 $COUNT
  %count = load i64, ptr %count.at
  %end = icmp eq i64 %task, %count
  br i1 %end, label %step, label %inside
step:
  %halted = call i1 @halted(ptr %job)
  call void @advance(ptr %job)
  store i64 0, ptr %task.at
  %step.at = getelementptr i64, ptr %job, i64 $STEP
  %old = load i64, ptr %step.at
  %finished = add i64 %old, 1
  store i64 %finished, ptr %step.at
  %steps.at = getelementptr i64, ptr %job, i64 $STEPS
  %steps = load i64, ptr %steps.at
  %done = icmp uge i64 %finished, %steps
  %last = or i1 %halted, %done
  br i1 %last, label %leave, label %time
inside:
  store i64 %task, ptr %task.at
  %records.at = getelementptr i64, ptr %job, i64 $RECORDS
  %records = load ptr, ptr %records.at
  %record = getelementptr [$RECORD_FIELDS x i64], ptr %records, i64 %task
  %kernel = load ptr, ptr %record
  %python = icmp eq ptr %kernel, null
  br i1 %python, label %leave, label %time
time:
  %deadline.at = getelementptr i64, ptr %job, i64 $DEADLINE
  %deadline = load i64, ptr %deadline.at
  %now = call i64 @clock()
  %due = icmp uge i64 %now, %deadline
  br i1 %due, label %leave, label %stay
leave:
  %why = phi i64 [$FINISHED, %step], [$CALLBACK, %inside], [$TIME, %time]
  %status.at = getelementptr i64, ptr %job, i64 $STATUS
  store i64 %why, ptr %status.at
  ret i1 true
stay:
  ret i1 false
}

; --- one thread -----------------------------------------------------------------------------------

define internal void @solo(ptr %job) {
entry:
  %table.at = getelementptr i64, ptr %job, i64 $TABLE
  %table = load ptr, ptr %table.at
  %records.at = getelementptr i64, ptr %job, i64 $RECORDS
  %records = load ptr, ptr %records.at
  %count.at = getelementptr i64, ptr %job, i64 $COUNT
  %count = load i64, ptr %count.at
  %task.at = getelementptr i64, ptr %job, i64 $TASK
  br label %resume
resume:
  %start = load i64, ptr %task.at
  br label %head
head:
  %task = phi i64 [%start, %resume], [%next, %run]
  %end = icmp eq i64 %task, %count
  br i1 %end, label %meet, label %inside
inside:
  %record = getelementptr [$RECORD_FIELDS x i64], ptr %records, i64 %task
  %kernel = load ptr, ptr %record
  %waits.at = getelementptr i64, ptr %record, i64 $WAITS
  %waits = load i64, ptr %waits.at
  %alone = icmp ne i64 %waits, 0
  br i1 %alone, label %pause, label %run
meet:
  %over = call i1 @decide(ptr %job, i64 %task)
  br i1 %over, label %done, label %resume
pause:
  %leave = call i1 @decide(ptr %job, i64 %task)
  br i1 %leave, label %done, label %run
run:
  %args.at = getelementptr i64, ptr %record, i64 $ARGUMENTS
  %args = load ptr, ptr %args.at
  %units.at = getelementptr i64, ptr %record, i64 $UNITS
  %units = load i64, ptr %units.at
  call void %kernel(ptr %table, ptr %args, i64 0, i64 %units)
  %next = add i64 %task, 1
  br label %head
done:
  ret void
}

; --- a team ---------------------------------------------------------------------------------------

; Wait for all threads of the job; the last one decides for all whether to leave.
define internal i1 @meet(ptr %team, ptr %job, i64 %task, i64 %threads) {
entry:
  %arrived = getelementptr i8, ptr %team, i64 $ARRIVED
  %round = getelementptr i8, ptr %team, i64 $ROUND
  %sleepers = getelementptr i8, ptr %team, i64 $ROUND_SLEEPERS
  %leave.at = getelementptr i64, ptr %job, i64 $LEAVE
  %seen = load atomic i32, ptr %round acquire, align 4
  %before = atomicrmw add ptr %arrived, i32 1 acq_rel
  %count = trunc i64 %threads to i32
  %others = sub i32 %count, 1
  %last = icmp eq i32 %before, %others
  br i1 %last, label %release, label %stay
release:
  store atomic i32 0, ptr %arrived monotonic, align 4
  %decision = call i1 @decide(ptr %job, i64 %task)
  %word = zext i1 %decision to i64
  store i64 %word, ptr %leave.at
  %next = add i32 %seen, 1
  call void @signal(ptr %round, ptr %sleepers, i32 %next)
  ret i1 %decision
stay:
  %spin.at = getelementptr i64, ptr %job, i64 $SPIN
  %spin = load i64, ptr %spin.at
  call void @wait(ptr %round, ptr %sleepers, i32 %seen, i64 %spin)
  %leave = load i64, ptr %leave.at
  %yes = icmp ne i64 %leave, 0
  ret i1 %yes
}

; Do the units start .. stop - 1 of a task, and the tasks that follow on the same thread.
define internal void @execute(ptr %table, ptr %first, i64 %start, i64 %stop) {
entry:
  br label %head
head:
  %record = phi ptr [%first, %entry], [%next, %after]
  %from = phi i64 [%start, %entry], [0, %after]
  %to = phi i64 [%stop, %entry], [1, %after]
  %kernel = load ptr, ptr %record
  %args.at = getelementptr i64, ptr %record, i64 $ARGUMENTS
  %args = load ptr, ptr %args.at
  call void %kernel(ptr %table, ptr %args, i64 %from, i64 %to)
  %next = getelementptr i64, ptr %record, i64 $RECORD_FIELDS
  %follows.at = getelementptr i64, ptr %next, i64 $FOLLOWS
  %follows = load i64, ptr %follows.at
  %more = icmp ne i64 %follows, 0
  br i1 %more, label %after, label %done
after:
  br label %head
done:
  ret void
}

; Take chunks of a thread's share of a task until none is left. A cursor is epoch << 32 | position;
; one of an earlier epoch stands for the share's start, so that nobody needs to reset it.
define internal void @drain(ptr %table, ptr %record, ptr %cursor, i64 %epoch, i64 %low, i64 %high) {
entry:
  %chunk.at = getelementptr i64, ptr %record, i64 $CHUNK
  %chunk = load i64, ptr %chunk.at
  %mark = shl i64 %epoch, 32
  %mine = and i64 %epoch, 4294967295
  br label %look
look:
  %value = load atomic i64, ptr %cursor monotonic, align 8
  %at.epoch = lshr i64 %value, 32
  %fresh = icmp ne i64 %at.epoch, %mine
  %place = and i64 %value, 4294967295
  %start = select i1 %fresh, i64 %low, i64 %place
  %left = icmp ult i64 %start, %high
  br i1 %left, label %take, label %done
take:
  %far = add i64 %start, %chunk
  %beyond = icmp ugt i64 %far, %high
  %stop = select i1 %beyond, i64 %high, i64 %far
  %new = or i64 %mark, %stop
  %pair = cmpxchg ptr %cursor, i64 %value, i64 %new monotonic monotonic
  %taken = extractvalue { i64, i1 } %pair, 1
  br i1 %taken, label %run, label %look
run:
  call void @execute(ptr %table, ptr %record, i64 %start, i64 %stop)
  br label %look
done:
  ret void
}

; Do what can be had of a task: the own share first, then those of the others.
define internal void @share(ptr %job, ptr %table, ptr %record, i64 %me, i64 %threads) {
entry:
  %epoch.at = getelementptr i64, ptr %job, i64 $EPOCH
  %epoch = load i64, ptr %epoch.at
  %cursors.at = getelementptr i64, ptr %job, i64 $CURSORS
  %cursors = load ptr, ptr %cursors.at
  %stride.at = getelementptr i64, ptr %job, i64 $STRIDE
  %stride = load i64, ptr %stride.at
  %place.at = getelementptr i64, ptr %record, i64 $PLACE
  %place = load i64, ptr %place.at
  %units.at = getelementptr i64, ptr %record, i64 $UNITS
  %units = load i64, ptr %units.at
  br label %head
head:
  %n = phi i64 [0, %entry], [%n1, %next]
  %sum = add i64 %me, %n
  %wraps = icmp uge i64 %sum, %threads
  %less = sub i64 %sum, %threads
  %owner = select i1 %wraps, i64 %less, i64 %sum
  %low.scaled = mul i64 %units, %owner
  %low = udiv i64 %low.scaled, %threads
  %high.scaled = add i64 %low.scaled, %units
  %high = udiv i64 %high.scaled, %threads
  %empty = icmp eq i64 %low, %high
  br i1 %empty, label %next, label %try
try:
  %row = mul i64 %stride, %owner
  %column = add i64 %row, %place
  %cursor = getelementptr i64, ptr %cursors, i64 %column
  call void @drain(ptr %table, ptr %record, ptr %cursor, i64 %epoch, i64 %low, i64 %high)
  br label %next
next:
  %n1 = add i64 %n, 1
  %more = icmp ult i64 %n1, %threads
  br i1 %more, label %head, label %done
done:
  ret void
}

; What each thread of a team does: all tasks, until the last arriver says to leave.
define internal void @work(ptr %team, ptr %job, i64 %me) {
entry:
  %table.at = getelementptr i64, ptr %job, i64 $TABLE
  %table = load ptr, ptr %table.at
  %records.at = getelementptr i64, ptr %job, i64 $RECORDS
  %records = load ptr, ptr %records.at
  %count.at = getelementptr i64, ptr %job, i64 $COUNT
  %count = load i64, ptr %count.at
  %threads.at = getelementptr i64, ptr %job, i64 $THREADS
  %threads = load i64, ptr %threads.at
  %task.at = getelementptr i64, ptr %job, i64 $TASK
  %start = load i64, ptr %task.at
  br label %head
head:
  %task = phi i64 [%start, %entry], [0, %step], [%next, %skip]
  %end = icmp eq i64 %task, %count
  br i1 %end, label %step, label %inside
step:
  %over = call i1 @meet(ptr %team, ptr %job, i64 %task, i64 %threads)
  br i1 %over, label %done, label %head
inside:
  %record = getelementptr [$RECORD_FIELDS x i64], ptr %records, i64 %task
  %follows.at = getelementptr i64, ptr %record, i64 $FOLLOWS
  %follows = load i64, ptr %follows.at
  %taken = icmp ne i64 %follows, 0
  br i1 %taken, label %skip, label %ask
ask:
  %waits.at = getelementptr i64, ptr %record, i64 $WAITS
  %waits = load i64, ptr %waits.at
  %alone = icmp ne i64 %waits, 0
  br i1 %alone, label %pause, label %take
pause:
  %leave = call i1 @meet(ptr %team, ptr %job, i64 %task, i64 %threads)
  br i1 %leave, label %done, label %take
take:
  call void @share(ptr %job, ptr %table, ptr %record, i64 %me, i64 %threads)
  br label %skip
skip:
  %next = add i64 %task, 1
  br label %head
done:
  ret void
}

; The life of a worker: sleep until the word `go` changes, work if it asks for this many threads.
; `go` is sequence << $THREADS_BITS | threads, in one word, since a worker that is not asked may
; wake late and must not take part in a job that is just being prepared. No threads: stop.
define void @worker(ptr %team, i64 %me, i32 %first) {
entry:
  %go = getelementptr i8, ptr %team, i64 $GO
  %sleepers = getelementptr i8, ptr %team, i64 $GO_SLEEPERS
  %left = getelementptr i8, ptr %team, i64 $LEFT
  %left.sleepers = getelementptr i8, ptr %team, i64 $LEFT_SLEEPERS
  %job.at = getelementptr i8, ptr %team, i64 $JOB
  br label %head
head:
  %seen = phi i32 [%first, %entry], [%now, %asked], [%now, %leave]
  call void @wait(ptr %go, ptr %sleepers, i32 %seen, i64 $IDLE_NANOSECONDS)
  %now = load atomic i32, ptr %go acquire, align 4
  %threads = and i32 %now, $THREADS_MASK
  %stop = icmp eq i32 %threads, 0
  br i1 %stop, label %done, label %asked
asked:
  %wide = zext i32 %threads to i64
  %mine = icmp ult i64 %me, %wide
  br i1 %mine, label %work, label %head
work:
  %job = load ptr, ptr %job.at
  call void @work(ptr %team, ptr %job, i64 %me)
  %before = atomicrmw add ptr %left, i32 1 seq_cst
  %count = load atomic i32, ptr %left.sleepers seq_cst, align 4
  %any = icmp ne i32 %count, 0
  br i1 %any, label %rouse, label %leave
rouse:
  call void @rouse(ptr %left)
  br label %leave
leave:
  br label %head
done:
  ret void
}

define void @stop(ptr %team) {
entry:
  %go = getelementptr i8, ptr %team, i64 $GO
  %sleepers = getelementptr i8, ptr %team, i64 $GO_SLEEPERS
  call void @signal(ptr %go, ptr %sleepers, i32 0)
  ret void
}

; Publish the job, take part in it, and return when all workers have left it.
define internal void @lead(ptr %team, ptr %job, i64 %threads) {
entry:
  %go = getelementptr i8, ptr %team, i64 $GO
  %sleepers = getelementptr i8, ptr %team, i64 $GO_SLEEPERS
  %left = getelementptr i8, ptr %team, i64 $LEFT
  %left.sleepers = getelementptr i8, ptr %team, i64 $LEFT_SLEEPERS
  %job.at = getelementptr i8, ptr %team, i64 $JOB
  %spin.at = getelementptr i64, ptr %job, i64 $SPIN
  %spin = load i64, ptr %spin.at
  store ptr %job, ptr %job.at
  store atomic i32 0, ptr %left monotonic, align 4
  %old = load atomic i32, ptr %go monotonic, align 4
  %round = or i32 %old, $THREADS_MASK
  %base = add i32 %round, 1
  %size = trunc i64 %threads to i32
  %word = or i32 %base, %size
  call void @signal(ptr %go, ptr %sleepers, i32 %word)
  call void @work(ptr %team, ptr %job, i64 0)
  %workers = sub i32 %size, 1
  br label %head
head:
  %gone = load atomic i32, ptr %left acquire, align 4
  %all = icmp eq i32 %gone, %workers
  br i1 %all, label %done, label %stay
stay:
  call void @wait(ptr %left, ptr %left.sleepers, i32 %gone, i64 %spin)
  br label %head
done:
  ret void
}

; --- what Python calls ------------------------------------------------------------------------------

; Go on from the job's task; return why it came up. If the team is busy, one thread does all.
define i64 @resume(ptr %job) {
entry:
  %now = call i64 @clock()
  %stamp.at = getelementptr i64, ptr %job, i64 $STAMP
  store i64 %now, ptr %stamp.at
  %deadline = add i64 %now, $AIR_NANOSECONDS
  %deadline.at = getelementptr i64, ptr %job, i64 $DEADLINE
  store i64 %deadline, ptr %deadline.at
  %epoch.at = getelementptr i64, ptr %job, i64 $EPOCH
  %epoch = load i64, ptr %epoch.at
  %epoch1 = add i64 %epoch, 1
  store i64 %epoch1, ptr %epoch.at
  %threads.at = getelementptr i64, ptr %job, i64 $THREADS
  %threads = load i64, ptr %threads.at
  %one = icmp ule i64 %threads, 1
  br i1 %one, label %alone, label %many
many:
  %team.at = getelementptr i64, ptr %job, i64 $TEAM
  %team = load ptr, ptr %team.at
  %none = icmp eq ptr %team, null
  br i1 %none, label %need, label %try
need:
  ret i64 $NEEDS_TEAM
try:
  %busy = getelementptr i8, ptr %team, i64 $BUSY
  %pair = cmpxchg ptr %busy, i32 0, i32 1 acquire monotonic
  %free = extractvalue { i32, i1 } %pair, 1
  br i1 %free, label %lead, label %alone
lead:
  call void @lead(ptr %team, ptr %job, i64 %threads)
  store atomic i32 0, ptr %busy release, align 4
  br label %done
alone:
  call void @solo(ptr %job)
  br label %done
done:
  %status.at = getelementptr i64, ptr %job, i64 $STATUS
  %status = load i64, ptr %status.at
  ret i64 %status
}

; Begin a run of so many steps.
define i64 @start(ptr %job, i64 %steps) {
entry:
  %task.at = getelementptr i64, ptr %job, i64 $TASK
  store i64 0, ptr %task.at
  %step.at = getelementptr i64, ptr %job, i64 $STEP
  store i64 0, ptr %step.at
  %steps.at = getelementptr i64, ptr %job, i64 $STEPS
  store i64 %steps, ptr %steps.at
  %status = call i64 @resume(ptr %job)
  ret i64 %status
}
