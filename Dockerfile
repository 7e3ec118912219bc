# Batuta's image: every command of ./batuta, such as `docker run batuta node`.
#
# Layers from what changes least to what changes most: libraries, the archive of their classes, Batuta's own jars.
# A change of the code makes only the last one anew, and equal files make equal layers. It runs as a numeric user,
# without a shell, on a read-only root: what it writes is below /data, a volume, and /tmp.

FROM eclipse-temurin:25-jdk AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.m2 sh mvnw -B -q -ntp -Dmaven.test.skip=true package
RUN sh verticles/src/image/assemble /image

# The classes of the libraries in the form in which a JVM maps them (CDS), by the JVM that will: those that a short use
# of the libraries takes, in an order that does not depend on the use.
FROM eclipse-temurin:25-jre AS archive
COPY --from=build /image/libraries /
COPY --from=build /image/training /training
RUN mkdir -p /image/batuta/run \
    && java @/batuta/run/jvm.args -Xshare:off -XX:DumpLoadedClassList=/training/loaded @/training/args >/dev/null \
    && sed -e '/^#/d' -e '/ source: /d' -e '/^Training/d' -e '/^@cp/d' -e 's/ id: .*//' /training/loaded \
         | LC_ALL=C sort -u >/training/classes \
    && java @/batuta/run/jvm.args @/batuta/run/library.args -Xshare:dump \
         -XX:SharedClassListFile=/training/classes -XX:SharedArchiveFile=/image/batuta/run/library.jsa \
    && find /image -exec touch -d 2026-01-01T00:00:00Z {} +

FROM eclipse-temurin:25-jre
COPY --from=build /image/libraries /
COPY --from=archive /image /
COPY --from=build --chown=10001:10001 /image/data /data
COPY --from=build /image/application /

# In a container a node is reached by the container's own address, at ports that nobody else has there.
ENV HOME=/data \
    BATUTA_DATA=/data \
    BATUTA_TASKS_LIB=/batuta/kinds \
    BATUTA_CLUSTER_HOST="" \
    BATUTA_CLUSTER_PORT=5701 \
    BATUTA_BUS_PORT=5702 \
    BATUTA_HTTP_HOST=0.0.0.0 \
    BATUTA_HTTP_HEALTH=true
EXPOSE 8080 5701 5702
WORKDIR /data
USER 10001:10001
ENTRYPOINT ["java", "@/batuta/run/jvm.args", "@/batuta/run/batuta.args", "dev.batuta.cli.Main"]
CMD ["--help"]
