# The base has the Node that the tests run on. `npm run pin-images` asks the registry for its digest.
ARG NODE_IMAGE=docker.io/library/node:24.21.0-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The lock alone says what is installed. No dependency needs a script of its own.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
WORKDIR /app
ENV NODE_ENV=production DATA_DIR=/var/lib/strategy-runtime
RUN install -d -o node -g node /var/lib/strategy-runtime
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE NOTICE ./
COPY data ./data
COPY gen ./gen
COPY src ./src
COPY deploy/healthcheck.ts ./deploy/healthcheck.ts
RUN install -d -o node -g node node_modules/.cache
# The base's user `node`, as a number: orchestrators can then see that it is not root.
USER 1000:1000
# Compiled code and the template of the embedded database, for a faster start: what `npm install` does outside of an image.
RUN ["node", "src/warm-up.ts"]
EXPOSE 50051 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "deploy/healthcheck.ts"]
# Node itself is process 1: SIGTERM reaches the service, which finishes its calls within SHUTDOWN_GRACE.
ENTRYPOINT ["node"]
CMD ["src/main.ts"]
