package dev.batuta.cli;

import static dev.batuta.cli.client.Output.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** Recomputes the ledger. */
@Command(
    name = "audit",
    description = "Recomputes every balance from its entries; exits 1 when they disagree.")
final class AuditCommand extends ClientCommand {
  @Override
  int run(Api api, Output output) {
    var audit = api.get("/audit", java.time.Duration.ofMinutes(2));
    output.print(audit, lines(audit));
    return audit.path("ok").asBoolean() ? 0 : Problem.REFUSED;
  }

  static List<String> lines(JsonNode audit) {
    var lines = new ArrayList<String>();
    lines.add(
        "%s  %s accounts  total %s  of entries %s"
            .formatted(
                audit.path("ok").asBoolean() ? "balances" : "DOES NOT BALANCE",
                text(audit, "accounts"),
                text(audit, "total"),
                text(audit, "entriesTotal")));
    for (var difference : audit.path("differences")) {
      lines.add("  " + Output.compact(difference));
    }
    return lines;
  }
}
