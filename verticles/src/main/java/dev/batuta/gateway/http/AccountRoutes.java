package dev.batuta.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.gateway.http.Routes.Answer;
import dev.batuta.gateway.json.AmountJson;
import dev.batuta.gateway.services.AccountService;
import dev.batuta.gateway.services.AccountService.Listed;
import dev.batuta.identity.Caller;
import dev.batuta.ledger.Account;
import dev.batuta.ledger.AmountRules.Sign;
import dev.batuta.ledger.Audit;
import dev.batuta.ledger.Entry;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.math.BigDecimal;
import java.util.function.Function;

/** The ledger over HTTP; {@link AccountService} has the rules. */
final class AccountRoutes {
  private final AccountService accounts;

  AccountRoutes(AccountService accounts) {
    this.accounts = accounts;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(builder, "listAccounts", this::list);
    Routes.bind(builder, "createAccount", this::create);
    Routes.bind(builder, "readAccount", this::read);
    Routes.bind(builder, "listEntries", rc -> entries(rc, rc.pathParam("user")));
    Routes.bind(builder, "entries", rc -> entries(rc, RequestReader.query(rc, "user")));
    Routes.bind(
        builder,
        "audit",
        rc -> accounts.audit(Access.caller(rc)).map(audit -> Answer.ok(json(audit))));
  }

  private Future<Answer> create(RoutingContext rc) {
    String user = RequestReader.required(rc, "user");
    return accounts
        .create(Access.caller(rc), user, amount(rc, "balance"), amount(rc, "overdraft"))
        .map(account -> Answer.created(json(account)));
  }

  private Future<Answer> read(RoutingContext rc) {
    return accounts
        .read(Access.caller(rc), rc.pathParam("user"))
        .map(account -> Answer.ok(json(account)));
  }

  private Future<Answer> list(RoutingContext rc) {
    Caller caller = Access.caller(rc);
    String user = rc.queryParams().get("user");
    Future<Listed<Account>> listed =
        user == null
            ? accounts.list(caller, Routes.after(rc), Routes.limit(rc))
            : accounts.find(caller, user);
    return listed.map(page -> page(page, AccountRoutes::json));
  }

  private Future<Answer> entries(RoutingContext rc, String user) {
    return accounts
        .entries(Access.caller(rc), user, Routes.after(rc), Routes.limit(rc))
        .map(page -> page(page, AccountRoutes::json));
  }

  private static <T> Answer page(Listed<T> page, Function<T, JsonObject> json) {
    JsonArray items = new JsonArray();
    page.items().forEach(item -> items.add(json.apply(item)));
    return Answer.ok(new JsonObject().put("items", items).put("next", page.next()));
  }

  private static BigDecimal amount(RoutingContext rc, String field) {
    JsonNode value = RequestReader.body(rc).path(field);
    return value.isMissingNode()
        ? BigDecimal.ZERO.setScale(2)
        : new BigDecimal(AmountJson.read(field, value, Sign.NOT_NEGATIVE));
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
