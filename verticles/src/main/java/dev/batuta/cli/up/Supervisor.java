package dev.batuta.cli.up;

import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import dev.batuta.cli.up.SupervisedProcess.Tier;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the processes of an {@code up} alive: what dies is started again after a wait that grows,
 * until all are stopped on purpose. What dies before all were ready once is tried {@value
 * #FIRST_TRIES} times. Safe for use by several threads.
 */
public final class Supervisor {
  /** Starts of one process before all are ready, after which the whole has failed. */
  static final int FIRST_TRIES = 3;

  /** For a start that was interrupted to end what it has started. */
  private static final Duration INTERRUPTED = Duration.ofSeconds(10);

  private final RunFolder folder;
  private final boolean restart;
  private final Consumer<String> report;
  private final BiConsumer<SupervisedProcess, Long> started;
  private final Map<String, Kept> services = new LinkedHashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("supervisor").unstarted(task));
  private boolean wereReady;
  private boolean stopping;
  private @Nullable SupervisedProcess fallen;

  /**
   * @param restart whether what dies is started again
   * @param report is told what died and what was started again
   * @param started is told each start, with the pid
   */
  Supervisor(
      RunFolder folder,
      boolean restart,
      Consumer<String> report,
      BiConsumer<SupervisedProcess, Long> started) {
    this.folder = folder;
    this.restart = restart;
    this.report = report;
    this.started = started;
  }

  private static final class Kept {
    final SupervisedProcess service;
    final RestartBackoff backoff = new RestartBackoff();
    @Nullable ProcessHandle process;
    @Nullable Thread launcher;
    long startedNanos;
    int tries;

    Kept(SupervisedProcess service) {
      this.service = service;
    }
  }

  /** Starts a service for the first time; its pid. Blocks for as long as its start does. */
  long start(SupervisedProcess service) throws IOException {
    var kept = new Kept(service);
    synchronized (this) {
      services.put(service.name(), kept);
    }
    return launch(kept);
  }

  /** All are ready: from now on a death is answered by a start, however often. */
  synchronized void allReady() {
    wereReady = true;
  }

  /** Whether all were ready once. */
  synchronized boolean wereReady() {
    return wereReady;
  }

  /** Starts before all were ready, of all processes; it grows when one is started again. */
  synchronized int tries() {
    return services.values().stream().mapToInt(kept -> kept.tries).sum();
  }

  /** The first service that died for the last time before all were ready. */
  synchronized Optional<SupervisedProcess> fallen() {
    return Optional.ofNullable(fallen);
  }

  private long launch(Kept kept) throws IOException {
    synchronized (this) {
      refuseWhenStopping();
      kept.tries += wereReady ? 0 : 1;
      kept.launcher = Thread.currentThread();
    }
    ProcessHandle process;
    try {
      process = kept.service.start();
      launched(kept, process);
    } finally {
      synchronized (this) {
        kept.launcher = null;
        notifyAll();
      }
    }
    process.onExit().thenAcceptAsync(ended -> ended(kept, ended), timer);
    return process.pid();
  }

  /** First of all, who stops meanwhile learns of it: that one waits, and ends what it finds. */
  private synchronized void launched(Kept kept, ProcessHandle process) throws IOException {
    kept.process = process;
    kept.startedNanos = System.nanoTime();
    refuseWhenStopping();
    var mark = ProcessMark.of(process);
    if (mark.isPresent()) {
      folder.record(new RunFolder.Entry(kept.service.name(), mark.get(), true));
    }
    started.accept(kept.service, process.pid());
  }

  private synchronized void refuseWhenStopping() {
    if (stopping) {
      throw Problem.failed("stopping", "stopped while it was starting");
    }
  }

  private synchronized void ended(Kept kept, ProcessHandle process) {
    if (stopping || kept.process != process) {
      return;
    }
    kept.process = null;
    var name = kept.service.name();
    var lived = Duration.ofNanos(System.nanoTime() - kept.startedNanos);
    try {
      folder.forget(name);
    } catch (IOException e) {
      report.accept("the record of " + name + " cannot be deleted: " + e.getMessage());
    }
    started.accept(kept.service, 0L);
    if (wereReady) {
      again(kept, lived, "died (pid " + process.pid() + ")");
    } else {
      firstTryFailed(kept, "ended while it was starting", LastWords.of(kept.service));
    }
  }

  private synchronized void firstTryFailed(Kept kept, String what, List<String> said) {
    if (restart && kept.tries < FIRST_TRIES) {
      again(kept, Duration.ZERO, what);
      said.forEach(line -> report.accept(Output.quoted(line)));
    } else {
      fallen = fallen == null ? kept.service : fallen;
    }
  }

  private void again(Kept kept, Duration lived, String what) {
    if (!restart) {
      report.accept(kept.service.name() + " " + what + "; it stays so, by --no-restart");
      return;
    }
    var wait = kept.backoff.died(lived);
    report.accept(
        "%s %s; it is started again in %d s"
            .formatted(kept.service.name(), what, wait.toSeconds()));
    timer.schedule(
        () -> Thread.startVirtualThread(() -> relaunch(kept)),
        wait.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  private void relaunch(Kept kept) {
    try {
      long pid = launch(kept);
      report.accept(
          "%s  pid %d  %s, again".formatted(kept.service.name(), pid, kept.service.described()));
    } catch (IOException | RuntimeException e) {
      synchronized (this) {
        var what = "cannot be started: " + e.getMessage();
        if (wereReady && !stopping) {
          again(kept, Duration.ZERO, what);
        } else if (!stopping) {
          firstTryFailed(kept, what, List.of());
        }
      }
    }
  }

  /** From now on nothing is started any more, whatever dies. */
  synchronized void startNothing() {
    stopping = true;
  }

  /**
   * Stops all, one tier after another: waits for the starts under way, asks to end what they and
   * earlier ones started, waits, then kills.
   */
  void stop() {
    startNothing();
    for (var tier : Tier.values()) {
      awaitLaunches(tier);
      var processes = new ArrayList<ProcessHandle>();
      synchronized (this) {
        for (var kept : services.values()) {
          if (kept.service.tier() == tier && kept.process != null) {
            processes.add(kept.process);
          }
        }
      }
      end(processes, patience(tier));
    }
    synchronized (this) {
      for (var name : services.keySet()) {
        try {
          folder.forget(name);
        } catch (IOException e) {
          report.accept("the record of " + name + " cannot be deleted: " + e.getMessage());
        }
      }
    }
  }

  /** Starts that take too long are interrupted, upon which each ends what it has started. */
  private synchronized void awaitLaunches(Tier tier) {
    if (!awaitLaunches(tier, patience(tier))) {
      launching(tier).forEach(Thread::interrupt);
      awaitLaunches(tier, INTERRUPTED);
    }
  }

  private synchronized boolean awaitLaunches(Tier tier, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      while (!launching(tier).isEmpty()) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          return false;
        }
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return true;
  }

  private List<Thread> launching(Tier tier) {
    return services.values().stream()
        .filter(kept -> kept.service.tier() == tier)
        .flatMap(kept -> Optional.ofNullable(kept.launcher).stream())
        .toList();
  }

  private static Duration patience(Tier tier) {
    return switch (tier) {
      case WORKER -> Duration.ofSeconds(10);
      case SERVER -> Duration.ofSeconds(15);
      case DATABASE -> Duration.ofSeconds(30);
    };
  }

  /** Asks processes to end, waits for all of them together, kills those that have not. */
  public static void end(List<ProcessHandle> processes, Duration patience) {
    processes.forEach(ProcessHandle::destroy);
    long end = System.nanoTime() + patience.toNanos();
    for (var process : processes) {
      if (!ended(process, Duration.ofNanos(Math.max(0, end - System.nanoTime())))) {
        process.destroyForcibly();
        ended(process, Duration.ofSeconds(5));
      }
    }
  }

  private static boolean ended(ProcessHandle process, Duration patience) {
    try {
      process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      return !process.isAlive();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
