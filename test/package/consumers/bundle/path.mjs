import { safePath } from "holdfast/auth";

console.log(JSON.stringify(safePath("//evil.example", "/")));
