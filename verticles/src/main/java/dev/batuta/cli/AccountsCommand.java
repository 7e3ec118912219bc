package dev.batuta.cli;

import static dev.batuta.cli.client.Output.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Paging;
import dev.batuta.cli.client.Problem;
import dev.batuta.codec.Text;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists accounts, shows one, opens one. */
@Command(
    name = "accounts",
    description = "Lists accounts, or shows one with its entries.",
    subcommands = AccountsCommand.Create.class)
final class AccountsCommand extends ClientCommand {
  @Parameters(index = "0", arity = "0..1", paramLabel = "USER", description = "Whose")
  @Nullable String user;

  @Mixin Paging paging = new Paging();

  @Override
  int run(Api api, Output output) {
    if (user == null) {
      var list = paging.read(api, "/accounts", "");
      output.print(list, table(list.path("items")));
      Paging.more(output, list);
      return 0;
    }
    var account = account(api, user);
    if (output.json()) {
      output.print(account, List.of());
      return 0;
    }
    var entries =
        Text.isAddressable(user)
            ? paging.read(api, "/accounts/" + Api.encoded(user) + "/entries", "")
            : paging.read(api, "/entries", "user=" + Api.encoded(user));
    var lines = new ArrayList<>(table(List.of(account)));
    lines.add("");
    var rows = new ArrayList<List<String>>();
    for (var entry : entries.path("items")) {
      rows.add(
          List.of(
              text(entry, "at"),
              text(entry, "amount"),
              text(entry, "balance"),
              text(entry, "task")));
    }
    lines.addAll(Output.table(List.of("AT", "AMOUNT", "BALANCE", "TASK"), rows));
    output.print(account, lines);
    Paging.more(output, entries);
    return 0;
  }

  private static JsonNode account(Api api, String user) {
    if (Text.isAddressable(user)) {
      return api.get("/accounts/" + Api.encoded(user));
    }
    var found = api.get("/accounts?user=" + Api.encoded(user)).path("items");
    if (found.isEmpty()) {
      throw Problem.failed("account-not-found", "there is no account '" + user + "'");
    }
    return found.get(0);
  }

  private static List<String> table(Iterable<JsonNode> accounts) {
    var rows = new ArrayList<List<String>>();
    for (var account : accounts) {
      rows.add(
          List.of(text(account, "user"), text(account, "balance"), text(account, "overdraft")));
    }
    return Output.table(List.of("USER", "BALANCE", "OVERDRAFT"), rows);
  }

  /** Opens an account. */
  @Command(name = "create", description = "Opens an account.")
  static final class Create extends ClientCommand {
    @Parameters(index = "0", paramLabel = "USER", description = "Whose")
    String user = "";

    @Option(names = "--balance", paramLabel = "A", description = "To begin with, else 0.00")
    @Nullable String balance;

    @Option(names = "--overdraft", paramLabel = "A", description = "Its limit, else 0.00")
    @Nullable String overdraft;

    @Override
    int run(Api api, Output output) {
      var body = Output.JSON.createObjectNode().put("user", user);
      if (balance != null) {
        body.put("balance", balance);
      }
      if (overdraft != null) {
        body.put("overdraft", overdraft);
      }
      var account = api.post("/accounts", body).body();
      output.print(account, table(List.of(account)));
      return 0;
    }
  }
}
