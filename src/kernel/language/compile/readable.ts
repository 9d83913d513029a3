/** Turns the boxes in a message of the JavaScript engine back into the names that the user wrote. */
export function readableNames(message: string): string {
  return message.replace(
    /\(0 , __v_([\p{L}\p{N}_$]+)\.v\)|__v_([\p{L}\p{N}_$]+)\.v\b/gu,
    (_, called, plain) => called ?? plain,
  );
}
