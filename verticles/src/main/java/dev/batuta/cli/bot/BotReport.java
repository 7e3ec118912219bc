package dev.batuta.cli.bot;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.cli.bot.Bots.Standing;
import dev.batuta.cli.bot.Deliveries.Counts;
import dev.batuta.cli.bot.Verdict.Reader;
import dev.batuta.cli.client.Output;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What bots print: a line now and then, and in the end one for each bot and one for all. */
public final class BotReport {
  private final Output output;
  private final Bots bots;

  public BotReport(Output output, Bots bots) {
    this.output = output;
    this.bots = bots;
  }

  /** How it stands after so long; what is under way counts as not known and missing. */
  public void progress(Duration since) {
    var all = all(bots.standings());
    var object =
        Output.JSON
            .createObjectNode()
            .put("type", "progress")
            .put("seconds", since.toMillis() / 1_000.0);
    var counts = all.counts();
    output.print(
        figures(object, all),
        List.of(
            "%d s  sent %d  acknowledged %d  seen %d  doubled %d  moves %d  p50 %s ms  p99 %s ms"
                .formatted(
                    since.toSeconds(),
                    counts.sent(),
                    counts.acknowledged(),
                    counts.seen(),
                    counts.doubled(),
                    all.moves(),
                    millis(all.latencies(), 50),
                    millis(all.latencies(), 99))));
  }

  /** The end. */
  public Verdict summary() {
    var standings = bots.standings();
    var verdict =
        Verdict.of(standings.stream().map(s -> new Reader(s.counts(), s.reads())).toList());
    var total = all(standings);
    if (output.json()) {
      standings.forEach(bot -> output.print(named(bot), List.of()));
      output.print(
          figures(Output.JSON.createObjectNode().put("type", "total"), total)
              .put("bots", standings.size())
              .put("verdict", verdict.kind().text())
              .put("reason", verdict.reason()),
          List.of());
    } else {
      output.lines(table(standings, total));
      output.lines(List.of(verdict.reason()));
    }
    return verdict;
  }

  private static Standing all(List<Standing> standings) {
    var counts = Counts.NONE;
    int moves = 0;
    var latencies = new Latencies();
    for (var each : standings) {
      counts = counts.plus(each.counts());
      moves += each.moves();
      latencies.addAll(each.latencies());
    }
    return new Standing("all", "-", counts, moves, latencies, true);
  }

  private static ObjectNode named(Standing bot) {
    return figures(
        Output.JSON
            .createObjectNode()
            .put("type", "bot")
            .put("bot", bot.name())
            .put("channel", bot.channel())
            .put("reads", bot.reads()),
        bot);
  }

  private static ObjectNode figures(ObjectNode object, Standing of) {
    var counts = of.counts();
    return object
        .put("sent", counts.sent())
        .put("acknowledged", counts.acknowledged())
        .put("unknown", counts.unknown())
        .put("seen", counts.seen())
        .put("missing", counts.missing())
        .put("doubled", counts.doubled())
        .put("strange", counts.strange())
        .put("moves", of.moves())
        .put("p50Millis", rounded(of.latencies().millis(50)))
        .put("p99Millis", rounded(of.latencies().millis(99)));
  }

  private static List<String> table(List<Standing> standings, Standing total) {
    var rows = new ArrayList<List<String>>();
    standings.forEach(bot -> rows.add(row(bot)));
    rows.add(row(total));
    return Output.table(
        List.of(
            "BOT",
            "CHANNEL",
            "SENT",
            "ACKNOWLEDGED",
            "UNKNOWN",
            "SEEN",
            "MISSING",
            "DOUBLED",
            "STRANGE",
            "MOVES",
            "P50 MS",
            "P99 MS"),
        rows);
  }

  private static List<String> row(Standing of) {
    var counts = of.counts();
    return List.of(
        of.name(),
        of.channel(),
        Long.toString(counts.sent()),
        Long.toString(counts.acknowledged()),
        Long.toString(counts.unknown()),
        Long.toString(counts.seen()),
        Long.toString(counts.missing()),
        Long.toString(counts.doubled()),
        Long.toString(counts.strange()),
        Integer.toString(of.moves()),
        millis(of.latencies(), 50),
        millis(of.latencies(), 99));
  }

  private static String millis(Latencies latencies, int percent) {
    return String.format(Locale.ROOT, "%.1f", latencies.millis(percent));
  }

  private static double rounded(double number) {
    return Math.round(number * 10) / 10.0;
  }
}
