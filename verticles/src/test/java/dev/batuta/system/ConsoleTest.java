package dev.batuta.system;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.TimeoutError;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console in a real Chromium against a real cluster. */
class ConsoleTest {
  private static final double LONG_MILLIS = 60_000;

  @TempDir static Path data = Path.of("");
  private static @Nullable RealCluster running;
  private static @Nullable Playwright playwright;
  private static @Nullable Browser browser;
  private @Nullable Page opened;
  private final List<String> errors = new ArrayList<>();

  @BeforeAll
  static void up() {
    running = RealCluster.up(data);
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(chromium())
                    .setArgs(
                        List.of(
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--disable-sync")));
  }

  @AfterAll
  static void down() {
    Objects.requireNonNull(browser).close();
    Objects.requireNonNull(playwright).close();
    cluster().close();
  }

  private static Path chromium() {
    return Stream.of("chromium", "chromium-browser", "google-chrome")
        .flatMap(name -> Stream.of(Path.of("/usr/bin", name), Path.of("/usr/local/bin", name)))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () ->
                new AssertionError(
                    "Chromium is missing: install it, for example by: apt-get install chromium"));
  }

  private static RealCluster cluster() {
    return Objects.requireNonNull(running);
  }

  @BeforeEach
  void open() {
    Page page =
        Objects.requireNonNull(browser)
            .newPage(new Browser.NewPageOptions().setLocale("en-GB").setViewportSize(1280, 900));
    page.onPageError(errors::add);
    opened = page;
    page.navigate(cluster().url());
  }

  @AfterEach
  void close() {
    page().close();
    Assertions.assertThat(errors).as("errors of the page").isEmpty();
  }

  private Page page() {
    return Objects.requireNonNull(opened);
  }

  @Test
  void aChangeOfTheCoordinatorIsSeenWithoutAReload() {
    Locator coordinator = page().locator("#coordinator");
    assertThat(coordinator).containsText("server-3", patient());
    page().evaluate("window.notReloaded = true");

    cluster().process("server-3").destroyForcibly();

    assertThat(coordinator).containsText("server-2", patient());
    assertThat(coordinator).containsText("server-3", patient());
    Assertions.assertThat(page().evaluate("window.notReloaded")).isEqualTo(true);
  }

  @Test
  void whoSignsInWhileTheNodeDoesNotAnswerIsLetInOnceItDoes() {
    page().route("**/api/v1/login", Route::abort, new Page.RouteOptions().setTimes(1));
    choose("alice");
    assertThat(page().locator("#login-error")).containsText("did not answer", patient());
    awaitSignedIn();
    assertThat(page().locator("#login-error")).isHidden();
  }

  @Test
  void aTaskIsSubmittedAndItsResultShown() {
    signIn();
    Locator form = page().locator("#task-form");
    form.locator("[name=user]").fill("22222222222");
    form.locator("select[name=operation]").selectOption("deposit");
    form.locator("[name=amount]").fill("7.25");
    form.locator("button[type=submit]").click();
    assertThat(page().locator("#task-result")).containsText("107.25", patient());

    form.locator("[name=amount]").fill("12,5");
    form.locator("button[type=submit]").click();
    assertThat(page().locator("#task-result")).containsText("12,5", patient());
  }

  @Test
  void aDeadTaskIsListedWithItsReasonInTheLanguageOfThePage() {
    cluster()
        .batuta(
            "submit",
            "COMPUTE",
            "--payload",
            "{\"durationMillis\":60000}",
            "--timeout",
            "50ms",
            "--attempts",
            "1");
    Locator dead = page().locator("#recent-rows [data-state=DEAD]");
    assertThat(dead).containsText("no result within 50 ms", patient());
    page().locator("#language").click();
    assertThat(dead).containsText("sem resultado em 50 ms", patient());
  }

  @Test
  void aTransferIsSubmittedAndBothAccountsShowIt() {
    signIn();
    Locator form = page().locator("#task-form");
    form.locator("input[value=TRANSFER]").check();
    form.getByLabel("From account").fill("33333333333");
    form.getByLabel("To account").fill("44444444444");
    form.getByLabel("Amount").fill("2.50");
    form.locator("button[type=submit]").click();
    assertThat(page().locator("#task-result")).containsText("97.50", patient());
    Locator accounts = page().locator("#account-rows");
    assertThat(accounts.locator("[data-account='33333333333']")).containsText("97.50", patient());
    assertThat(accounts.locator("[data-account='44444444444']")).containsText("102.50", patient());
  }

  @Test
  void aLoanThatIsToldAgainToAPageThatSubscribesAnewIsShownOnce() {
    page()
        .evaluate(
            """
            async () => {
              const { applyEvent } = await import('./model.js');
              const change = { what: 'lent', server: 'server-2', worker: 'W9', peer: 'server-1', count: 1 };
              const at = '2026-01-01T00:00:00Z';
              applyEvent('lending', { change, at });
              applyEvent('lending', { change, at });
              applyEvent('lending', { change: { ...change, worker: 'W10' }, at });
            }
            """);
    assertThat(page().locator("#lending li").filter(saying("server-2 lent W9 to"))).hasCount(1);
    assertThat(page().locator("#lending li").filter(saying("server-2 lent W10 to"))).hasCount(1);
  }

  @Test
  void theDoorsOfAllNodesAreListedWithWhatWentThrough() {
    assertThat(page().locator("#doors")).isHidden();
    signIn();
    for (String server : List.of("server-1", "server-2", "server-3")) {
      Locator door = page().locator("#door-rows [data-door='" + server + "/http']");
      assertThat(door).containsText("127.0.0.1:", patient());
      assertThat(door).containsText("HTTP");
    }
    page().locator("#language").click();
    assertThat(page().locator("#doors-title")).hasText("Portas");
    assertThat(page().locator("#door-rows [data-door='server-1/zeromq-services']"))
        .containsText("mensagens, ZeroMQ REP");
  }

  private static Locator.FilterOptions saying(String text) {
    return new Locator.FilterOptions().setHasText(text);
  }

  @Test
  void aMessageIsSentAndSeenByAnotherPage() {
    cluster().batuta("chat", "create", "orchestra");
    signIn();
    page().getByText("orchestra").first().click();
    page().locator("#chat-form [name=text]").fill("tutti");
    page().locator("#chat-form [name=text]").press("Enter");
    assertThat(page().locator("#chat-log")).containsText("tutti", patient());

    cluster().batuta("chat", "publish", "orchestra", "da capo", "--user", "alice");
    assertThat(page().locator("#chat-log")).containsText("da capo", patient());

    // Somebody else writes to alice while she reads the channel: a mark, and the answer live.
    cluster().batuta("chat", "login", "Bob");
    cluster().batuta("chat", "message", "ALICE", "solo?", "--user", "bob");
    Locator talk = page().locator("#talks button").filter(saying("Bob"));
    assertThat(talk.locator(".unread")).containsText("1", patient());
    assertThat(page().locator("#chat-log")).not().containsText("solo?");
    talk.press("Enter");
    assertThat(page().locator("#chat-log")).containsText("solo?", patient());
    assertThat(talk.locator(".unread")).isEmpty();
    page().locator("#chat-form [name=text]").fill("con brio");
    page().locator("#chat-form [name=text]").press("Enter");
    assertThat(page().locator("#chat-log")).containsText("con brio", patient());
    cluster().batuta("chat", "message", "alice", "attacca", "--user", "bob");
    assertThat(page().locator("#chat-log")).containsText("attacca", patient());
  }

  @Test
  void thePageFitsAPhone() {
    page().setViewportSize(390, 844);
    assertThat(page().locator("#coordinator")).containsText("server", patient());
    Assertions.assertThat((Integer) page().evaluate("document.documentElement.scrollWidth"))
        .isLessThanOrEqualTo(390);
  }

  private void signIn() {
    choose("alice");
    awaitSignedIn();
  }

  /** Not by the mouse: Chromium may drop what it does on a page that is not drawn yet, unsaid. */
  private void choose(String user) {
    Locator button = page().locator("[data-demo-user=" + user + "]");
    button.waitFor(new Locator.WaitForOptions().setTimeout(LONG_MILLIS));
    button.dispatchEvent("click");
  }

  private void awaitSignedIn() {
    Locator form = page().locator("#task-form");
    try {
      form.waitFor(new Locator.WaitForOptions().setTimeout(LONG_MILLIS));
    } catch (TimeoutError late) {
      throw new AssertionError("nobody was let in: " + page().locator("#login").innerText(), late);
    }
  }

  private static LocatorAssertions.ContainsTextOptions patient() {
    return new LocatorAssertions.ContainsTextOptions().setTimeout(LONG_MILLIS);
  }
}
