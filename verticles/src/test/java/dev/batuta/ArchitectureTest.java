package dev.batuta;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.PrintStream;
import java.io.PrintWriter;

/** Imports run one way: cli, node, gateway, features, bus and database, codec. */
@AnalyzeClasses(packages = "dev.batuta", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String[] FEATURES = {
    "dev.batuta.clock..",
    "dev.batuta.election..",
    "dev.batuta.reference..",
    "dev.batuta.orchestrator..",
    "dev.batuta.lending..",
    "dev.batuta.worker..",
    "dev.batuta.succession..",
    "dev.batuta.ledger..",
    "dev.batuta.messaging..",
    "dev.batuta.identity.."
  };

  /** Each is a door of its own: what they share is above, in services, events and json. */
  private static final String[] DOORS = {
    "dev.batuta.gateway.http..",
    "dev.batuta.gateway.foreign..",
    "dev.batuta.gateway.zeromq..",
    "dev.batuta.gateway.platform..",
    "dev.batuta.gateway.bridge.."
  };

  @ArchTest
  static final ArchRule importsRunOneWay =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("cli")
          .definedBy("dev.batuta.cli..")
          .layer("node")
          .definedBy("dev.batuta.node..")
          .layer("gateway")
          .definedBy("dev.batuta.gateway..")
          .layer("features")
          .definedBy(FEATURES)
          .layer("base")
          .definedBy("dev.batuta.bus..", "dev.batuta.database..", "dev.batuta.metrics..")
          .layer("codec")
          .definedBy("dev.batuta.codec..")
          .layer("task")
          .definedBy("dev.batuta.task..")
          .layer("tracing")
          .definedBy("dev.batuta.tracing..")
          .whereLayer("tracing")
          .mayNotAccessAnyLayer()
          .whereLayer("task")
          .mayNotAccessAnyLayer()
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("node")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("gateway")
          .mayOnlyBeAccessedByLayers("node", "cli")
          .whereLayer("features")
          .mayOnlyBeAccessedByLayers("gateway", "node", "cli")
          .whereLayer("base")
          .mayOnlyBeAccessedByLayers("features", "gateway", "node", "cli");

  @ArchTest
  static void featuresExchangeMessagesInsteadOfCallingEachOthersVerticles(JavaClasses classes) {
    for (String feature : FEATURES) {
      noClasses()
          .that(resideInAnyPackage(FEATURES).and(not(resideInAPackage(feature))))
          .should()
          .dependOnClassesThat(resideInAPackage(feature).and(simpleNameEndingWith("Verticle")))
          .check(classes);
    }
  }

  @ArchTest
  static void doorsKnowNoOtherDoorAndNothingSharedKnowsADoor(JavaClasses classes) {
    for (String door : DOORS) {
      noClasses()
          .that(resideInAPackage("dev.batuta.gateway..").and(not(resideInAPackage(door))))
          .should()
          .dependOnClassesThat(resideInAPackage(door))
          .allowEmptyShould(true)
          .check(classes);
    }
  }

  /** So that a rule told there holds for every door. */
  @ArchTest
  static final ArchRule servicesKnowNeitherHttpNorForms =
      noClasses()
          .that(resideInAPackage("dev.batuta.gateway.services.."))
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                  "io.vertx.ext.web..",
                  "io.vertx.core.http..",
                  "com.fasterxml.jackson..",
                  "dev.batuta.gateway.json..",
                  "dev.batuta.gateway.events.."));

  @ArchTest
  static final ArchRule coresImportNoVertx =
      noClasses()
          .that(
              resideInAnyPackage(
                  "dev.batuta.orchestrator.dispatch..", "dev.batuta.messaging.replica.."))
          .should()
          .dependOnClassesThat(resideInAPackage("io.vertx.."));

  /** Whoever keeps a figure knows nothing of who reads it. */
  @ArchTest
  static final ArchRule onlyNodesShowMetrics =
      noClasses()
          .that(
              resideInAPackage("dev.batuta..")
                  .and(not(resideInAnyPackage("dev.batuta.node..", "dev.batuta.gateway.http.."))))
          .should()
          .dependOnClassesThat(resideInAnyPackage("io.micrometer..", "io.prometheus.."));

  /** Stores know what they keep: tasks, keys, accounts. What carries their statements does not. */
  @ArchTest
  static final ArchRule theDatabaseKnowsNoDomain =
      noClasses()
          .that(resideInAPackage("dev.batuta.database..").and(not(simpleName("Results"))))
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.batuta..")
                  .and(not(resideInAPackage("dev.batuta.database..")))
                  .and(
                      not(
                          nameMatching(
                              "dev\\.batuta\\.codec\\.(Failure(\\$Kind)?|Refused|Text)"))));

  @ArchTest
  static final ArchRule whatCommandsShareKnowsNoCommand =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("commands")
          .definedBy("dev.batuta.cli")
          .layer("bench")
          .definedBy("dev.batuta.cli.bench..")
          .layer("bot")
          .definedBy("dev.batuta.cli.bot..")
          .layer("up")
          .definedBy("dev.batuta.cli.up..")
          .layer("client")
          .definedBy("dev.batuta.cli.client..")
          .whereLayer("commands")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("bench")
          .mayOnlyBeAccessedByLayers("commands")
          .whereLayer("bot")
          .mayOnlyBeAccessedByLayers("commands")
          .whereLayer("up")
          .mayOnlyBeAccessedByLayers("commands", "bench");

  @ArchTest
  static final ArchRule onlyTheBusTouchesTheEventBus =
      noClasses()
          .that(
              not(resideInAPackage("dev.batuta.bus.."))
                  .and(not(resideInAPackage("dev.batuta.gateway..")))
                  // What the bus is measured beside.
                  .and(not(simpleName("BusRow"))))
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("io.vertx.core.eventbus.EventBus");

  /** It escapes what others wrote, so nothing may reach a terminal past it. */
  @ArchTest
  static final ArchRule onlyOutputPrintsForTheCommandLine =
      noClasses()
          .that(resideInAPackage("dev.batuta.cli..").and(not(simpleName("Output"))))
          .should()
          .callMethodWhere(
              target(owner(assignableTo(PrintWriter.class).or(assignableTo(PrintStream.class))))
                  .and(target(nameMatching("print.*|println|append|write|format"))))
          .orShould()
          .callMethodWhere(target(nameMatching("printStackTrace")))
          .orShould()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err");
}
