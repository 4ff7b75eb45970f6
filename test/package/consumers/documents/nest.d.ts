// As much of NestJS as the documents use.
declare module "@nestjs/common" {
  export interface ArgumentsHost {
    switchToHttp(): { getResponse<T>(): T };
  }
  export interface ExceptionFilter {
    catch(error: unknown, host: ArgumentsHost): void;
  }
  export function Catch(kind: unknown): ClassDecorator;
}
