// SPDX-License-Identifier: Apache-2.0
// A library that `unframed` loads while it runs.
long call_through(long (*function)(long), long value) { return function(value) + 1; }
