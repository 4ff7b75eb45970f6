// As much of NestJS as the documents use.
declare module "@nestjs/common" {
  export interface ArgumentsHost {
    switchToHttp(): { getResponse<T>(): T };
  }
  export interface ExceptionFilter {
    catch(error: unknown, host: ArgumentsHost): void;
  }
  export function Catch(kind: unknown): ClassDecorator;
  export function Controller(): ClassDecorator;
  export function Get(path?: string): MethodDecorator;
  export function Module(parts: { controllers: unknown[] }): ClassDecorator;
  export function Post(path?: string): MethodDecorator;
  export function Req(): ParameterDecorator;
  export function Session(): ParameterDecorator;
}
// As much of Fastify.
declare module "fastify" {
  export interface FastifyReply {
    code(status: number): this;
    headers(headers: object): this;
    send(body: object): this;
  }
}
