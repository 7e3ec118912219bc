package dev.batuta.cli;

import dev.batuta.cli.bot.BotReport;
import dev.batuta.cli.bot.Bots;
import dev.batuta.cli.bot.StopSignal;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Chat bots, which check what the chat promises while they talk. */
@Command(
    name = "bot",
    description =
        "Chat bots: they join channels, post, answer each other, go to another server when theirs dies,"
            + " and count what they sent, had acknowledged and saw, until Ctrl-C. Exits 0 when every"
            + " acknowledged message was seen once by all bots of its channel, 1 when one is missing"
            + " or doubled, 2 when that cannot be told. Needs an admin: bots have names of their own.")
final class BotCommand extends ClientCommand {
  private static final int MOST = 500;
  private static final double LEAST_RATE = 0.01;
  private static final double MOST_RATE = 100;
  private static final int MOST_SECONDS = 30 * 86_400;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "2",
      description = "So many, ten in a channel (default: ${DEFAULT-VALUE})")
  int count = 2;

  @Option(
      names = "--rate",
      paramLabel = "R",
      defaultValue = "1",
      description = "Messages a second of each, at most (default: ${DEFAULT-VALUE})")
  double rate = 1;

  @Option(names = "--seconds", paramLabel = "S", description = "End after so long")
  @Nullable Integer seconds;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "bot",
      description = "Their names are NAME-1, NAME-2 .. (default: ${DEFAULT-VALUE})")
  String namePrefix = "bot";

  @Option(
      names = "--hop",
      paramLabel = "D",
      description =
          "Each listens at one server for about so long, and goes on at the next where it stopped;"
              + " else only when its server is gone")
  @Nullable Duration hop;

  @Option(
      names = "--every",
      paramLabel = "D",
      defaultValue = "5s",
      description = "Between two lines of counts (default: ${DEFAULT-VALUE})")
  Duration every = Duration.ofSeconds(5);

  @Option(
      names = "--settle",
      paramLabel = "D",
      defaultValue = "60s",
      description = "In the end, wait so long for what is not seen yet (default: ${DEFAULT-VALUE})")
  Duration settle = Duration.ofSeconds(60);

  @Override
  int run(Api api, Output output) throws InterruptedException {
    check();
    try (var signal = new StopSignal()) {
      try {
        return signal.ended(talk(api, output, signal));
      } catch (Problem e) {
        output.problem(e);
        return signal.ended(e.exitCode());
      }
    }
  }

  private int talk(Api api, Output output, StopSignal signal) throws InterruptedException {
    try (var bots = Bots.begin(api, new Bots.Plan(namePrefix, count, rate, hop))) {
      var report = new BotReport(output, bots);
      long began = System.nanoTime();
      boolean over = false;
      while (!over) {
        boolean told = signal.await(left(began));
        var since = Duration.ofNanos(System.nanoTime() - began);
        report.progress(since);
        over = told || bots.failure().isPresent() || isPast(since);
      }
      bots.stop(settle);
      var verdict = report.summary();
      bots.failure().ifPresent(output::problem);
      int exit = verdict.kind().exitCode();
      return exit == Problem.REFUSED ? exit : bots.failure().map(Problem::exitCode).orElse(exit);
    }
  }

  /** Until the next line, or the end. */
  private Duration left(long began) {
    if (seconds == null) {
      return every;
    }
    var left = Duration.ofSeconds(seconds).minusNanos(System.nanoTime() - began);
    return left.compareTo(every) < 0 ? left : every;
  }

  private boolean isPast(Duration since) {
    return seconds != null && since.compareTo(Duration.ofSeconds(seconds)) >= 0;
  }

  private void check() {
    within("--count", count, 1, MOST);
    within("--rate", rate, LEAST_RATE, MOST_RATE);
    within("--seconds", seconds == null ? 1 : seconds, 1, MOST_SECONDS);
    if (!every.isPositive()) {
      throw misused("--every 0 is too often: give a time such as 5s");
    }
    if (hop != null && !hop.isPositive()) {
      throw misused("--hop 0 is too often: give a time such as 5s");
    }
    if (!namePrefix.matches("\\S{1,50}")) {
      throw misused(
          "--name '%s' is no name of bots: give 1 to 50 characters without blanks"
              .formatted(namePrefix));
    }
  }

  private void within(String option, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw misused(
          "%s %s is out of range: give %s to %s"
              .formatted(option, shown(value), shown(least), shown(most)));
    }
  }

  private static String shown(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? Long.toString((long) number)
        : Double.toString(number);
  }

  private ParameterException misused(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }
}
