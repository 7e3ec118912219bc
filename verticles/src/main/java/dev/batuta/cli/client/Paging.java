package dev.batuta.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of commands that print lists, which servers give in pages {@code {items, next}}. */
public final class Paging {
  private static final int PAGE = 500;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "1000",
      description = "At most so many (default: ${DEFAULT-VALUE})")
  int limit = 1_000;

  @Option(names = "--after", paramLabel = "A", description = "The `next` of the list before")
  @Nullable String after;

  /**
   * Reads pages up to the limit, as one {@code {items, next}}, with what else the last of them
   * says; {@code query} as {@code a=1&b=2}.
   */
  public JsonNode read(Api api, String path, String query) {
    ObjectNode all = Output.JSON.createObjectNode();
    var items = all.putArray("items");
    var from = after;
    while (true) {
      int wanted = Math.min(PAGE, limit - items.size());
      var page =
          api.get(
              path
                  + "?limit="
                  + wanted
                  + (from == null ? "" : "&after=" + Api.encoded(from))
                  + (query.isEmpty() ? "" : "&" + query));
      page.path("items").forEach(items::add);
      var next = page.hasNonNull("next") ? page.get("next").asText() : null;
      // Not when a page is empty: a server looks at so many for one, and may find none among them.
      if (next == null || next.equals(from) || items.size() >= limit) {
        page.properties().stream()
            .filter(field -> !field.getKey().equals("items"))
            .forEach(field -> all.set(field.getKey(), field.getValue()));
        return all.put("next", next);
      }
      from = next;
    }
  }

  /** Says how to go on where the limit cut a list. */
  public static void more(Output output, JsonNode list) {
    if (list.hasNonNull("next")) {
      output.remark("there is more: --after " + list.get("next").asText());
    }
  }
}
