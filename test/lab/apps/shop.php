<?php
// The shop as a PHP application: one front controller, as WordPress or Laravel have it.
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
switch ($path) {
    case '/slow':
        sleep((int) ($_GET['seconds'] ?? 8));
        break;
    case '/report':
        $wild = 16; // a broken native extension follows a wild pointer
        FFI::cdef('void *memset(void *, int, size_t);')->memset(FFI::cast('void *', $wild), 0, 8);
        break;
    case '/headers':
        header('X-Session: ' . str_repeat('c', (int) ($_GET['bytes'] ?? 6000)));
        break;
    case '/unavailable':
        http_response_code((int) ($_GET['status'] ?? 503));
        error_log('checkout is closed: stock service answered "maintenance"');
        break;
    case '/fatal':
        strlen();
        break;
    case '/memory':
        ini_set('memory_limit', '-1');
        $hoard = str_repeat('x', 512 << 20);
        break;
}
if ($database = getenv('SHOP_DATABASE')) {
    try {
        $link = new mysqli($database, 'shop', 'shop', 'shop');
        $link->query('SELECT 1');
        $link->query('SELECT SLEEP(' . (float) ($_GET['think'] ?? 0) . ')');
    } catch (mysqli_sql_exception $error) {
        error_log('Shop: Error establishing a database connection: ' . $error->getMessage());
        http_response_code(503);
    }
}
echo "shop ok\n";
