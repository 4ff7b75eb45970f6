# The shop, as docker-compose.yml runs it. The package itself is installed from npm and needs no image. The base is
# pinned, so that what was tried is what runs: raise it with intent.

FROM node:24.21.0-slim AS build
WORKDIR /holdfast
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build
# The shop needs Express beside what the package needs; the versions stay those of package-lock.json.
RUN npm pkg set "dependencies.express=$(node -p "require('./package.json').devDependencies.express")" \
  && npm pkg delete devDependencies \
  && npm install --no-audit --no-fund

FROM node:24.21.0-slim
WORKDIR /holdfast
ENV NODE_ENV=production
# All of it belongs to root: the shop runs as another user and cannot change its own code.
COPY --from=build /holdfast/package.json ./
COPY --from=build /holdfast/node_modules ./node_modules
COPY --from=build /holdfast/dist ./dist
COPY --from=build /holdfast/.build/demo-app ./.build/demo-app
COPY --from=build /holdfast/demo-app/public ./demo-app/public
USER node
EXPOSE 3000
CMD ["node", ".build/demo-app/main.js"]
