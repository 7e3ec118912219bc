package dev.batuta.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.http.Routes.Answer;
import dev.batuta.gateway.json.AmountJson;
import dev.batuta.identity.UserName;
import dev.batuta.ledger.Account;
import dev.batuta.ledger.Audit;
import dev.batuta.ledger.Entry;
import dev.batuta.ledger.LedgerStore;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.math.BigDecimal;
import java.util.List;

/** The ledger: accounts, their entries, the audit. */
final class AccountRoutes {
  private final LedgerStore ledger;

  AccountRoutes(LedgerStore ledger) {
    this.ledger = ledger;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(builder, "listAccounts", this::list);
    Routes.bind(builder, "createAccount", this::create);
    Routes.bind(builder, "readAccount", this::read);
    Routes.bind(builder, "listEntries", rc -> entries(rc, rc.pathParam("user")));
    Routes.bind(builder, "entries", rc -> entries(rc, RequestReader.query(rc, "user")));
    Routes.bind(builder, "audit", rc -> ledger.audit().map(audit -> Answer.ok(json(audit))));
  }

  private Future<Answer> create(RoutingContext rc) {
    String user = UserName.checked("user", RequestReader.required(rc, "user"));
    return ledger
        .create(user, amount(rc, "balance"), amount(rc, "overdraft"))
        .map(account -> Answer.created(json(account)));
  }

  private Future<Answer> read(RoutingContext rc) {
    return account(rc.pathParam("user")).map(account -> Answer.ok(json(account)));
  }

  private Future<Answer> list(RoutingContext rc) {
    String user = rc.queryParams().get("user");
    if (user != null) {
      return ledger
          .account(user)
          .map(
              found -> page(new JsonArray(found.stream().map(AccountRoutes::json).toList()), null));
    }
    int limit = Routes.limit(rc);
    return ledger
        .accounts(Routes.after(rc), limit)
        .map(
            accounts -> {
              JsonArray items = new JsonArray();
              accounts.forEach(account -> items.add(json(account)));
              return page(items, accounts.size() < limit ? null : accounts.getLast().user());
            });
  }

  private Future<Answer> entries(RoutingContext rc, String user) {
    int limit = Routes.limit(rc);
    String after = Routes.after(rc);
    long from = after == null ? 0 : number(after);
    return account(user)
        .compose(account -> ledger.entries(user, from, limit))
        .map(entries -> entriesPage(entries, limit));
  }

  private Future<Account> account(String user) {
    return ledger
        .account(user)
        .map(
            found ->
                found.orElseThrow(
                    () ->
                        Refused.notFound(
                            "account-not-found",
                            "There is no account \""
                                + Refused.shown(user)
                                + "\"; GET /api/v1/accounts lists them.")));
  }

  private static Answer entriesPage(List<Entry> entries, int limit) {
    JsonArray items = new JsonArray();
    entries.forEach(entry -> items.add(json(entry)));
    return page(items, entries.size() < limit ? null : Long.toString(entries.getLast().number()));
  }

  private static Answer page(JsonArray items, @org.jspecify.annotations.Nullable String next) {
    return Answer.ok(new JsonObject().put("items", items).put("next", next));
  }

  private static BigDecimal amount(RoutingContext rc, String field) {
    JsonNode value = RequestReader.body(rc).path(field);
    return value.isMissingNode()
        ? BigDecimal.ZERO.setScale(2)
        : new BigDecimal(AmountJson.read(field, value, AmountJson.Sign.NOT_NEGATIVE));
  }

  private static long number(String after) {
    try {
      return Long.parseLong(after);
    } catch (NumberFormatException notOurs) {
      throw Refused.invalid(
          "invalid-parameter",
          "after \""
              + Refused.shown(after)
              + "\" is not the next of a page; leave it out to start.");
    }
  }

  private static JsonObject json(Account account) {
    return new JsonObject()
        .put("user", account.user())
        .put("balance", AmountJson.text(account.balance()))
        .put("overdraft", AmountJson.text(account.overdraft()));
  }

  private static JsonObject json(Entry entry) {
    return new JsonObject()
        .put("task", entry.task() == 0 ? null : Long.toString(entry.task()))
        .put("amount", AmountJson.text(entry.amount()))
        .put("balance", AmountJson.text(entry.balance()))
        .put("at", entry.at().toString());
  }

  private static JsonObject json(Audit audit) {
    JsonArray differences = new JsonArray();
    audit
        .differences()
        .forEach(
            difference ->
                differences.add(
                    new JsonObject()
                        .put("user", difference.user())
                        .put("balance", AmountJson.text(difference.balance()))
                        .put("entries", AmountJson.text(difference.entries()))));
    return new JsonObject()
        .put("ok", audit.ok())
        .put("accounts", audit.accounts())
        .put("total", AmountJson.text(audit.total()))
        .put("entriesTotal", AmountJson.text(audit.entriesTotal()))
        .put("differences", differences);
  }
}
