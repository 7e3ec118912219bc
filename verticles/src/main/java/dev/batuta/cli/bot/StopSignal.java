package dev.batuta.cli.bot;

import dev.batuta.cli.client.Problem;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C or SIGTERM as a wish: a command that heard it ends in its own time, and the process with
 * the exit code that the command then says.
 */
public final class StopSignal implements AutoCloseable {
  private final CountDownLatch told = new CountDownLatch(1);
  private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();
  private final Thread hook = new Thread(this::wish, "stop");

  public StopSignal() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void wish() {
    told.countDown();
    Runtime.getRuntime().halt(exitCode.join());
  }

  /** Waits for it, at most so long; whether it has come. */
  public boolean await(Duration time) throws InterruptedException {
    return told.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** The command has ended, and printed all. */
  public int ended(int code) {
    exitCode.complete(code);
    return code;
  }

  /** From now on a signal ends the process at once. */
  @Override
  public void close() {
    exitCode.complete(Problem.REFUSED); // unless it has ended properly
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process ends, and the hook with it
    }
  }
}
