package dev.batuta.cli;

import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Paging;
import java.util.ArrayList;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists tasks. */
@Command(name = "tasks", description = "Lists tasks in the order of their ids.")
final class TasksCommand extends ClientCommand {
  @Mixin Paging paging = new Paging();

  @Option(names = "--state", paramLabel = "S", description = "Only these, such as DEAD")
  @Nullable String state;

  @Option(names = "--kind", paramLabel = "K", description = "Only these, such as UPDATE")
  @Nullable String kind;

  @Option(names = "--user", paramLabel = "U", description = "Only those that this user submitted")
  @Nullable String user;

  @Override
  int run(Api api, Output output) {
    var filters = new ArrayList<String>();
    if (state != null) {
      filters.add("state=" + Api.encoded(state.toUpperCase(Locale.ROOT)));
    }
    if (kind != null) {
      filters.add("kind=" + Api.encoded(kind.toUpperCase(Locale.ROOT)));
    }
    if (user != null) {
      filters.add("user=" + Api.encoded(user));
    }
    var list = paging.read(api, "/tasks", String.join("&", filters));
    output.print(list, TaskText.table(list));
    Paging.more(output, list);
    return 0;
  }
}
